using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Veil.Crypto;

namespace Veil.PrivacyPass;

/// <summary>
/// A token type whose authenticator is the output of a VOPRF over the 98 bytes of the authenticator input (RFC 9578 section 5): 0x0001, and 0x0005 of the draft of
/// batched tokens. A stored private key is the seed of DeriveKeyPair, Ns bytes.
/// </summary>
internal sealed class VoprfTokenType : TokenType
{
    private VoprfTokenType(ushort id, string name, VoprfSuite suite)
    {
        Id = id;
        Name = name;
        Suite = suite;
    }

    /// <summary>Type 0x0001.</summary>
    public static VoprfTokenType P384 { get; } = new(0x0001, "VOPRF (P-384, SHA-384)", VoprfSuite.P384Sha384);

    /// <summary>Type 0x0005.</summary>
    public static VoprfTokenType Ristretto255 { get; } = new(0x0005, "VOPRF (ristretto255, SHA-512)", VoprfSuite.Ristretto255Sha512);

    public VoprfSuite Suite { get; }

    public override ushort Id { get; }

    public override string Name { get; }

    public override string? Missing => Suite.Missing;

    public override int AuthenticatorSize => Suite.OutputSize;

    public override int TokenRequestSize => sizeof(ushort) + sizeof(byte) + Suite.ElementSize;

    public override int TokenResponseSize => Suite.ElementSize + Suite.ProofSize;

    public override bool IsPubliclyVerifiable => false;

    public override bool IsAmortizable => true;

    public override byte[] GeneratePrivateKey() => RandomNumberGenerator.GetBytes(Suite.ScalarSize);

    internal override bool TryParsePublicKey(ReadOnlySpan<byte> encoding, [NotNullWhen(true)] out TokenPublicKey? key)
    {
        key = VoprfPublicKey.TryCreate(Suite, encoding, out VoprfPublicKey? voprf) ? new VoprfTokenPublicKey(this, voprf) : null;
        return key is not null;
    }

    internal override TokenIssuerKey ImportPrivateKey(ReadOnlySpan<byte> privateKey) => privateKey.Length == Suite.ScalarSize
        ? new VoprfIssuerKey(this, VoprfPrivateKey.Derive(Suite, privateKey, "PrivacyPass"u8))
        : throw new CryptographicException($"A private key of token type {this} has {Suite.ScalarSize} bytes.");
}
