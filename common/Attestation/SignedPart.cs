namespace Veil.Attestation;

/// <summary>What somebody signed, with the signature. Nothing is known of it before <see cref="VerifiedSignatures"/> was asked.</summary>
/// <param name="data">The signed bytes.</param>
/// <param name="signature">As the document has it.</param>
internal sealed class SignedPart(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> signature)
{
    private ContentDigest? _digest;

    /// <summary>The signed bytes.</summary>
    public ReadOnlySpan<byte> Data => data.Span;

    /// <summary>The signature.</summary>
    public ReadOnlySpan<byte> Signature => signature.Span;

    /// <summary>The name of both, made once.</summary>
    public ContentDigest Digest => _digest ??= ContentDigest.Of(data.Span, signature.Span);
}
