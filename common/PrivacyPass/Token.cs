using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.PrivacyPass;

/// <summary>
/// A token (RFC 9577 section 2.2): <c>token_type(2) | nonce(32) | challenge_digest(32) | token_key_id(32) | authenticator(Nk)</c>. Being parsed says nothing
/// about the authenticator: <see cref="TokenPublicKey.Verify"/> does.
/// </summary>
public sealed class Token
{
    private const int NonceOffset = sizeof(ushort);
    private const int DigestOffset = NonceOffset + PrivacyPass.AuthenticatorInput.NonceSize;
    private const int KeyIdOffset = DigestOffset + PrivacyPass.AuthenticatorInput.ChallengeDigestSize;

    private readonly byte[] _encoded;

    internal Token(TokenType type, byte[] encoded)
    {
        Type = type;
        _encoded = encoded;
    }

    /// <summary>The registry's row.</summary>
    public TokenType Type { get; }

    /// <summary>The whole token as it travels.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>The first 98 bytes, which the authenticator covers.</summary>
    public ReadOnlySpan<byte> AuthenticatorInput => _encoded.AsSpan(0, PrivacyPass.AuthenticatorInput.Size);

    /// <summary>32 bytes that the client drew for this token alone.</summary>
    public ReadOnlySpan<byte> Nonce => _encoded.AsSpan(NonceOffset, PrivacyPass.AuthenticatorInput.NonceSize);

    /// <summary>SHA-256 of the challenge that the token answers.</summary>
    public ReadOnlySpan<byte> ChallengeDigest => _encoded.AsSpan(DigestOffset, PrivacyPass.AuthenticatorInput.ChallengeDigestSize);

    /// <summary>SHA-256 of the issuer key's encoding.</summary>
    public ReadOnlySpan<byte> KeyId => _encoded.AsSpan(KeyIdOffset, PrivacyPass.AuthenticatorInput.KeyIdSize);

    /// <summary>Nk bytes: a signature or a PRF output.</summary>
    public ReadOnlySpan<byte> Authenticator => _encoded.AsSpan(PrivacyPass.AuthenticatorInput.Size);

    /// <summary>Parses one whole token of a known type, which need not be one that this process serves: a gateway redeems what it cannot verify.</summary>
    /// <param name="encoded">Untrusted; exactly <see cref="TokenType.TokenSize"/> bytes of the type that its first two bytes name.</param>
    /// <param name="token">The token, or null.</param>
    /// <param name="error"><see cref="PrivacyPassError.UnknownTokenType"/> or <see cref="PrivacyPassError.BadLength"/>.</param>
    public static bool TryParse(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out Token? token, out PrivacyPassError error)
    {
        var reader = new WireReader(encoded);
        TokenType? type = TokenType.FindKnown(reader.ReadUInt16());

        error = reader.Failed ? PrivacyPassError.BadLength
            : type is null ? PrivacyPassError.UnknownTokenType
            : encoded.Length != type.TokenSize ? PrivacyPassError.BadLength
            : PrivacyPassError.None;
        token = error is PrivacyPassError.None ? new(type!, encoded.ToArray()) : null;
        return token is not null;
    }

    /// <summary>The type alone: a token is worth what a bearer pays for it and does not belong in a log.</summary>
    public override string ToString() => $"token of type {Type}";
}
