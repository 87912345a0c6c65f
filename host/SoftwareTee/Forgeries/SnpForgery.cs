using Veil.HostAgent;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>Forged evidence of an SEV-SNP machine over a value of 64 bytes.</summary>
internal sealed record SnpForgery(string Item, string Name, string RefusedBy, string Tells, Func<SnpForger, byte[], AttestedValue> Attest) : Forgery(Item, Name, RefusedBy, Tells)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Kinds { get; } = [SoftwareTeeOptions.SevSnp];
}
