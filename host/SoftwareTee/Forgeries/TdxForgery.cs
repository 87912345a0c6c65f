using Veil.HostAgent;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>Forged evidence of a TDX machine over a value of 64 bytes.</summary>
internal sealed record TdxForgery(string Item, string Name, string RefusedBy, string Tells, Func<TdxForger, byte[], AttestedValue> Attest) : Forgery(Item, Name, RefusedBy, Tells)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Kinds { get; } = [SoftwareTeeOptions.Tdx];
}
