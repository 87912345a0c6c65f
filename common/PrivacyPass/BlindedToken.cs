namespace Veil.PrivacyPass;

/// <summary>The part of a pending token that differs by type: a blinded element on its way to the issuer, and what turns the answer into an authenticator.</summary>
internal abstract class BlindedToken : IDisposable
{
    /// <summary>What follows the truncated key id in the TokenRequest.</summary>
    public abstract ReadOnlySpan<byte> BlindedElement { get; }

    /// <summary>Turns a whole TokenResponse into a verified authenticator of Nk bytes; false when it does not verify.</summary>
    public abstract bool TryFinalize(ReadOnlySpan<byte> tokenResponse, Span<byte> authenticator);

    public abstract void Dispose();
}
