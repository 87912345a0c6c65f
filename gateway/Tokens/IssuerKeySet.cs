using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tokens;

/// <summary>The issuer's keys of all token types, as its directory listed them at one time.</summary>
internal sealed class IssuerKeySet
{
    private readonly IssuerDirectory _parsed;
    private readonly ListedKey[] _keys;

    private IssuerKeySet(byte[] directory, IssuerDirectory parsed, ListedKey[] keys, DateTimeOffset readAt)
    {
        Directory = directory;
        ReadAt = readAt;
        _parsed = parsed;
        _keys = keys;
    }

    /// <summary>The directory's exact bytes.</summary>
    public ReadOnlyMemory<byte> Directory { get; }

    /// <summary>When the issuer gave them.</summary>
    public DateTimeOffset ReadAt { get; }

    /// <summary>How many keys tokens may be of.</summary>
    public int Count => _keys.Length;

    /// <summary>Takes the keys from a directory; false when it is not one or has no key that can be used.</summary>
    public static bool TryRead(byte[] directory, DateTimeOffset now, [NotNullWhen(true)] out IssuerKeySet? set)
    {
        set = null;
        if (!IssuerDirectory.TryParse(directory, out IssuerDirectory? parsed, out _))
            return false;

        ListedKey[] keys = [.. parsed.TokenKeys.Select(ListedKey.From).OfType<ListedKey>()];
        set = keys.Length > 0 ? new(directory, parsed, keys, now) : null;
        return set is not null;
    }

    /// <summary>The type that tokens are drawn of at this time: that of the active key. Null when no key is active.</summary>
    public TokenType? TypeInForce(DateTimeOffset now) => _parsed.FindActive(now) is { } active ? TokenType.FindKnown(active.TokenType) : null;

    /// <summary>
    /// True when the token is under a listed key and, where its type can be verified by anyone, was signed with it. Of other types the issuer's verdict
    /// is the first word on the authenticator.
    /// </summary>
    public bool Accepts(Token token)
    {
        foreach (ListedKey key in _keys)
        {
            if (key.Type == token.Type && token.KeyId.SequenceEqual(key.Id))
                return key.Verifier is null || key.Verifier.Verify(token);
        }

        return false;
    }

    /// <summary>One usable entry.</summary>
    /// <param name="Type">Its token type.</param>
    /// <param name="Id">token_key_id: SHA-256 of the key's encoding.</param>
    /// <param name="Verifier">The key, for types that anyone can verify.</param>
    private sealed record ListedKey(TokenType Type, byte[] Id, TokenPublicKey? Verifier)
    {
        /// <summary>Null for types that this build does not know and keys that are none. A key that nothing is verified with here is not looked into.</summary>
        public static ListedKey? From(IssuerDirectoryKey entry) =>
            TokenType.FindKnown(entry.TokenType) is not { } type ? null
            : !type.IsPubliclyVerifiable ? new(type, SHA256.HashData(entry.TokenKey.Span), null)
            : TokenPublicKey.TryParse(entry.TokenType, entry.TokenKey.Span, out TokenPublicKey? key, out _) ? new(type, key.KeyId.ToArray(), key)
            : null;
    }
}
