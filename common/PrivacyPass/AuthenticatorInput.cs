using System.Security.Cryptography;
using Veil.Wire;

namespace Veil.PrivacyPass;

/// <summary>
/// The 98 bytes that an issuer signs without seeing them, and with which every token begins (RFC 9577 section 2.2):
/// <c>token_type(2) | nonce(32) | challenge_digest(32) | token_key_id(32)</c>.
/// </summary>
public static class AuthenticatorInput
{
    /// <summary>Size in bytes, the same for every token type.</summary>
    public const int Size = sizeof(ushort) + NonceSize + ChallengeDigestSize + KeyIdSize;

    /// <summary>The client's nonce in bytes.</summary>
    public const int NonceSize = 32;

    /// <summary>SHA-256 of the TokenChallenge, in bytes.</summary>
    public const int ChallengeDigestSize = SHA256.HashSizeInBytes;

    /// <summary>token_key_id: SHA-256 of the public key's encoding, in bytes.</summary>
    public const int KeyIdSize = SHA256.HashSizeInBytes;

    /// <summary>The input of a new token, with a nonce drawn for it alone.</summary>
    internal static byte[] Draw(TokenPublicKey key, TokenChallenge challenge)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        RandomNumberGenerator.Fill(nonce);
        return Write(key.Type.Id, nonce, challenge.Digest, key.KeyId);
    }

    internal static byte[] Write(ushort tokenType, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> challengeDigest, ReadOnlySpan<byte> keyId)
    {
        var input = new byte[Size];
        var writer = new WireWriter(input);
        writer.WriteUInt16(tokenType);
        writer.WriteBytes(nonce);
        writer.WriteBytes(challengeDigest);
        writer.WriteBytes(keyId);
        return input;
    }
}
