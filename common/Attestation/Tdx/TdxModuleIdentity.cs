namespace Veil.Attestation.Tdx;

/// <summary>Who a TDX module has to be.</summary>
/// <param name="Id">"TDX_" and the module's version in hexadecimal; empty for the entry that is for version 0.</param>
/// <param name="Signer">MRSIGNERSEAM, 48 bytes.</param>
/// <param name="Attributes">SEAMATTRIBUTES under the mask, 8 bytes.</param>
/// <param name="AttributesMask">Which of the bits count.</param>
/// <param name="Levels">Descending; empty for the entry that is for version 0.</param>
internal sealed record TdxModuleIdentity(string Id, byte[] Signer, byte[] Attributes, byte[] AttributesMask, IReadOnlyList<SvnLevel> Levels)
{
    /// <summary>True when the report's module is this one.</summary>
    public bool Matches(TdReport report) => report.SeamSigner.SequenceEqual(Signer) && Masked.Equals(report.SeamAttributes, AttributesMask, Attributes);
}
