using Veil.Attestation;

namespace Veil.HostAgent.Vendors;

/// <summary>One question to a manufacturer.</summary>
/// <param name="Url">Where it is asked.</param>
/// <param name="MediaType">What the answer's body has to be, as an endorsement.</param>
/// <param name="ChainField">Field of the answer with its signer's chain as percent-encoded PEM; null where none is needed.</param>
/// <param name="IsConstant">The answer never changes, so that it is never asked for again.</param>
/// <param name="IsAnswer">Whether endorsements are what was asked for, where their form alone does not say; null where it does.</param>
internal sealed record VendorRequest(
    Uri Url, string MediaType, string? ChainField = null, bool IsConstant = false, Func<IReadOnlyList<Endorsement>, bool>? IsAnswer = null)
{
    /// <summary>Joins a service's address, which may have a path of its own, with a path and a query.</summary>
    public static Uri Join(Uri service, string pathAndQuery) => new($"{service.AbsoluteUri.TrimEnd('/')}/{pathAndQuery}");
}
