using Veil.Attestation;

namespace Veil.EndToEnd;

/// <summary>A host as a head lists it.</summary>
/// <param name="Guest">What tells the machine from every other, from its start to its end.</param>
/// <param name="Claims">What it says of itself for one key epoch.</param>
internal sealed record ListedHost(string Guest, HostClaims Claims)
{
    public static ListedHost Read(byte[] document) =>
        HostRecord.TryParse(document, out HostRecord? record, out _) && HostClaims.TryParse(record.EncodedClaims.Span, out HostClaims? claims, out _)
            ? new(Convert.ToHexStringLower(record.Evidence.GuestId.Span), claims)
            : throw new InvalidDataException("a document is no host record");
}
