using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Veil.Wire;

namespace Veil.PrivacyPass;

/// <summary>
/// What an origin wants a token for (RFC 9577 section 2.1): <c>token_type(2) | len2 issuer_name | len1 redemption_context(0 or 32) | len2 origin_info</c>.
/// The exact bytes count, since a token carries their digest.
/// </summary>
public sealed class TokenChallenge
{
    /// <summary>A redemption context that is not empty, in bytes.</summary>
    public const int RedemptionContextSize = 32;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:[]");

    private readonly byte[] _encoded;
    private readonly byte[] _digest;
    private readonly byte[] _redemptionContext;

    private TokenChallenge(ushort tokenType, string issuerName, byte[] redemptionContext, string originInfo, byte[] encoded)
    {
        TokenType = tokenType;
        IssuerName = issuerName;
        OriginInfo = originInfo;
        _redemptionContext = redemptionContext;
        _encoded = encoded;
        _digest = SHA256.HashData(encoded);
    }

    /// <summary>token_type; a challenge may name a type that the registry does not know.</summary>
    public ushort TokenType { get; }

    /// <summary>The issuer's host name, with a port where it is not 443.</summary>
    public string IssuerName { get; }

    /// <summary>0 or 32 bytes; empty when a token may be spent at any time, as all of ours may.</summary>
    public ReadOnlySpan<byte> RedemptionContext => _redemptionContext;

    /// <summary>Comma-separated origins that take the token; empty for any origin.</summary>
    public string OriginInfo { get; }

    /// <summary>The exact bytes.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>SHA-256 of <see cref="Encoded"/>: the challenge_digest of its tokens.</summary>
    public ReadOnlySpan<byte> Digest => _digest;

    /// <summary>Makes a challenge.</summary>
    /// <exception cref="ArgumentException">A field breaks the rules that <see cref="TryParse"/> holds peers to.</exception>
    public static TokenChallenge Create(ushort tokenType, string issuerName, ReadOnlySpan<byte> redemptionContext, string originInfo)
    {
        ArgumentNullException.ThrowIfNull(issuerName);
        ArgumentNullException.ThrowIfNull(originInfo);
        if (issuerName.Length > ushort.MaxValue || originInfo.Length > ushort.MaxValue || redemptionContext.Length > byte.MaxValue)
            throw new ArgumentException("A field of a token challenge is too long.");

        var encoded = new byte[2 + 2 + issuerName.Length + 1 + redemptionContext.Length + 2 + originInfo.Length];
        var writer = new WireWriter(encoded);
        writer.WriteUInt16(tokenType);
        writer.WriteVector16(Encoding.ASCII.GetBytes(issuerName));
        writer.WriteVector8(redemptionContext);
        writer.WriteVector16(Encoding.ASCII.GetBytes(originInfo));
        return TryParse(encoded, out TokenChallenge? challenge, out PrivacyPassError error)
            ? challenge
            : throw new ArgumentException($"Not a token challenge: {error}.");
    }

    /// <summary>Parses one whole challenge; bytes left over are an error.</summary>
    /// <param name="encoded">Untrusted.</param>
    /// <param name="challenge">The challenge, or null.</param>
    /// <param name="error">What was wrong.</param>
    public static bool TryParse(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out TokenChallenge? challenge, out PrivacyPassError error)
    {
        var reader = new WireReader(encoded);
        ushort tokenType = reader.ReadUInt16();
        string issuerName = Encoding.Latin1.GetString(reader.ReadVector16());
        ReadOnlySpan<byte> redemptionContext = reader.ReadVector8();
        string originInfo = Encoding.Latin1.GetString(reader.ReadVector16());

        error = !reader.Completed ? PrivacyPassError.BadLength
            : !IsName(issuerName) ? PrivacyPassError.BadIssuerName
            : redemptionContext.Length is not (0 or RedemptionContextSize) ? PrivacyPassError.BadRedemptionContext
            : originInfo.Length > 0 && !Array.TrueForAll(originInfo.Split(','), IsName) ? PrivacyPassError.BadOriginInfo
            : PrivacyPassError.None;
        challenge = error is PrivacyPassError.None
            ? new(tokenType, issuerName, redemptionContext.ToArray(), originInfo, encoded.ToArray())
            : null;
        return challenge is not null;
    }

    /// <summary>True when tokens for this challenge may be spent at <paramref name="origin"/>: the list is empty or names it (letter case aside).</summary>
    public bool Covers(string origin) =>
        OriginInfo.Length == 0 || Array.Exists(OriginInfo.Split(','), name => name.Equals(origin, StringComparison.OrdinalIgnoreCase));

    /// <summary>A host name or address literal with an optional port: neither empty nor with userinfo, path or white space.</summary>
    private static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(NameCharacters);
}
