using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Veil.PrivacyPass;

/// <summary>An issuer's public key of some token type, as directories and challenges carry it. Safe for use by many threads.</summary>
public abstract class TokenPublicKey
{
    private readonly byte[] _encoding;
    private readonly byte[] _keyId;

    private protected TokenPublicKey(ReadOnlySpan<byte> encoding)
    {
        _encoding = encoding.ToArray();
        _keyId = SHA256.HashData(encoding);
    }

    /// <summary>The registry's row.</summary>
    public abstract TokenType Type { get; }

    /// <summary>The exact bytes that the key id is the hash of.</summary>
    public ReadOnlySpan<byte> Encoding => _encoding;

    /// <summary>token_key_id: SHA-256 of <see cref="Encoding"/>, 32 bytes.</summary>
    public ReadOnlySpan<byte> KeyId => _keyId;

    /// <summary>truncated_token_key_id: the last byte of <see cref="KeyId"/>.</summary>
    public byte TruncatedKeyId => _keyId[^1];

    /// <summary>Takes a key from a directory or a challenge.</summary>
    /// <param name="tokenType">The type that the key is listed under.</param>
    /// <param name="encoding">Untrusted; the one exact encoding of that type, so that a key has a single id.</param>
    /// <param name="key">The key, or null.</param>
    /// <param name="error"><see cref="PrivacyPassError.UnknownTokenType"/>, <see cref="PrivacyPassError.UnavailableTokenType"/> or <see cref="PrivacyPassError.BadKey"/>.</param>
    public static bool TryParse(ushort tokenType, ReadOnlySpan<byte> encoding, [NotNullWhen(true)] out TokenPublicKey? key, out PrivacyPassError error)
    {
        key = null;
        error = TokenType.FindKnown(tokenType) is not TokenType type ? PrivacyPassError.UnknownTokenType
            : type.Missing is not null ? PrivacyPassError.UnavailableTokenType
            : !type.TryParsePublicKey(encoding, out key) ? PrivacyPassError.BadKey
            : PrivacyPassError.None;
        return key is not null;
    }

    /// <summary>
    /// True when this key signed the token; false also for a token of another type or under another key id. It does not say whether the token's
    /// challenge is the right one, nor whether it was spent.
    /// </summary>
    /// <exception cref="InvalidOperationException">The type is one that only its issuer can verify (<see cref="TokenType.IsPubliclyVerifiable"/>).</exception>
    public bool Verify(Token token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (!Type.IsPubliclyVerifiable)
            throw new InvalidOperationException($"Only the issuer can verify a {Type} token.");

        return token.Type == Type && token.KeyId.SequenceEqual(_keyId) && VerifyAuthenticator(token.AuthenticatorInput, token.Authenticator);
    }

    private protected abstract bool VerifyAuthenticator(ReadOnlySpan<byte> authenticatorInput, ReadOnlySpan<byte> authenticator);

    /// <summary>Blinds the authenticator input; null when this key makes it impossible.</summary>
    internal abstract BlindedToken? Blind(byte[] authenticatorInput);

    /// <summary>Blinds several, each for an answer of its own; null when this key makes it impossible.</summary>
    internal virtual BlindedToken[]? Blind(byte[][] authenticatorInputs)
    {
        var blinded = new List<BlindedToken>(authenticatorInputs.Length);
        foreach (byte[] input in authenticatorInputs)
        {
            if (Blind(input) is not { } token)
                return null;
            blinded.Add(token);
        }

        return [.. blinded];
    }
}
