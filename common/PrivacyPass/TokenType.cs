using System.Diagnostics.CodeAnalysis;

namespace Veil.PrivacyPass;

/// <summary>
/// A row of the token type registry (RFC 9577 section 5.2), with the sizes of its structures and its issuance protocol behind it. Code outside this
/// project asks the registry and carries opaque bytes, so that a new type is one new row.
/// </summary>
public abstract class TokenType
{
    private protected TokenType()
    {
    }

    /// <summary>Every type that this build knows, served on this machine or not.</summary>
    public static IReadOnlyList<TokenType> Known => Registry.Rows;

    /// <summary>Every type that this process issues, holds and verifies: the known ones that miss nothing.</summary>
    public static IReadOnlyList<TokenType> All => [.. Registry.Rows.Where(type => type.Missing is null)];

    /// <summary>token_type on the wire.</summary>
    public abstract ushort Id { get; }

    /// <summary>The registry's name.</summary>
    public abstract string Name { get; }

    /// <summary>Null where this process serves the type, else one sentence for its operator about what is missing.</summary>
    public abstract string? Missing { get; }

    /// <summary>Nk: the authenticator of a token, in bytes.</summary>
    public abstract int AuthenticatorSize { get; }

    /// <summary>A whole token, in bytes: 98 and the authenticator.</summary>
    public int TokenSize => AuthenticatorInput.Size + AuthenticatorSize;

    /// <summary>A whole TokenRequest, in bytes.</summary>
    public abstract int TokenRequestSize { get; }

    /// <summary>A whole TokenResponse, in bytes.</summary>
    public abstract int TokenResponseSize { get; }

    /// <summary>True when an origin can verify a token with the public key alone; for other types only the issuer can.</summary>
    public abstract bool IsPubliclyVerifiable { get; }

    /// <summary>True for types of which several tokens fit under one proof (amortized batches).</summary>
    public abstract bool IsAmortizable { get; }

    /// <summary>The blinded element of a TokenRequest, in bytes.</summary>
    internal int BlindedElementSize => TokenRequestSize - sizeof(ushort) - sizeof(byte);

    /// <summary>The row of a token type that this process serves, or null when it is unknown, grease, or one that misses something here.</summary>
    public static TokenType? Find(ushort id) => FindKnown(id) is { Missing: null } type ? type : null;

    /// <summary>The row of a token type, served here or not; null when it is unknown or grease.</summary>
    public static TokenType? FindKnown(ushort id)
    {
        foreach (TokenType type in Registry.Rows)
        {
            if (type.Id == id)
                return type;
        }

        return null;
    }

    /// <summary>Makes a private key in the type's storage format, for <see cref="TokenIssuerKey.Import"/>: the caller wraps it for storage and erases it.</summary>
    public abstract byte[] GeneratePrivateKey();

    /// <summary>The name and number.</summary>
    public override string ToString() => $"{Name} (0x{Id:X4})";

    internal abstract bool TryParsePublicKey(ReadOnlySpan<byte> encoding, [NotNullWhen(true)] out TokenPublicKey? key);

    internal abstract TokenIssuerKey ImportPrivateKey(ReadOnlySpan<byte> privateKey);

    /// <summary>Apart from <see cref="TokenType"/>, so that a row and the table may be asked for in either order.</summary>
    private static class Registry
    {
        public static readonly TokenType[] Rows = [VoprfTokenType.P384, BlindRsa2048.Instance, VoprfTokenType.Ristretto255];
    }
}
