using System.Diagnostics.CodeAnalysis;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tokens;

/// <summary>The issuer's keys as its directory listed them at one time.</summary>
internal sealed class IssuerKeySet
{
    private readonly TokenPublicKey[] _keys;

    private IssuerKeySet(byte[] directory, TokenPublicKey[] keys, DateTimeOffset readAt)
    {
        Directory = directory;
        ReadAt = readAt;
        _keys = keys;
    }

    /// <summary>The directory's exact bytes.</summary>
    public ReadOnlyMemory<byte> Directory { get; }

    /// <summary>When the issuer gave them.</summary>
    public DateTimeOffset ReadAt { get; }

    /// <summary>How many keys tokens may be signed with.</summary>
    public int Count => _keys.Length;

    /// <summary>Takes the keys of one type from a directory; false when it is not one or has no such key.</summary>
    public static bool TryRead(byte[] directory, ushort tokenType, DateTimeOffset now, [NotNullWhen(true)] out IssuerKeySet? set)
    {
        set = null;
        if (!IssuerDirectory.TryParse(directory, out IssuerDirectory? parsed, out _))
            return false;

        var keys = new List<TokenPublicKey>();
        foreach (IssuerDirectoryKey entry in parsed.TokenKeys)
        {
            if (entry.TokenType == tokenType && TokenPublicKey.TryParse(tokenType, entry.TokenKey.Span, out TokenPublicKey? key, out _))
                keys.Add(key);
        }

        set = keys.Count > 0 ? new(directory, [.. keys], now) : null;
        return set is not null;
    }

    /// <summary>The key that a token names, or null.</summary>
    public TokenPublicKey? Find(ReadOnlySpan<byte> keyId)
    {
        foreach (TokenPublicKey key in _keys)
        {
            if (key.KeyId.SequenceEqual(keyId))
                return key;
        }

        return null;
    }
}
