using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.PrivacyPass;

/// <summary>
/// An issuer's public keys, newest first, and where tokens are issued (RFC 9578 section 4):
/// <c>{"issuer-request-uri": "…", "token-keys": [{"token-type": 2, "token-key": "…", "not-before": 1686913811}]}</c>.
/// </summary>
public sealed class IssuerDirectory
{
    /// <summary>Path of the directory on the issuer's host.</summary>
    public const string WellKnownPath = "/.well-known/private-token-issuer-directory";

    /// <summary>Longest accepted document in bytes: all accepted keys fit several times over.</summary>
    public const int MaxSize = 16 * 1024;

    /// <summary>Most entries of all types.</summary>
    public const int MaxKeys = 16;

    /// <summary>Most keys of one type: announced, active, grace. Each key is a partition of the clients, so an issuer with many could tell them apart.</summary>
    public const int MaxKeysOfType = 3;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>Makes a directory.</summary>
    /// <param name="issuerRequestUri">Absolute https, or relative to the directory.</param>
    /// <param name="tokenKeys">In the order in which clients shall prefer them.</param>
    /// <exception cref="ArgumentException">The URI or the number of keys is one that clients refuse.</exception>
    public IssuerDirectory(string issuerRequestUri, IReadOnlyList<IssuerDirectoryKey> tokenKeys)
    {
        ArgumentNullException.ThrowIfNull(tokenKeys);
        if (!IsRequestUri(issuerRequestUri))
            throw new ArgumentException("The issuer request URI is an absolute https URI or a relative reference.", nameof(issuerRequestUri));
        if (Count(tokenKeys) is not PrivacyPassError.None and PrivacyPassError error)
            throw new ArgumentException($"The list of keys is refused by clients: {error}.", nameof(tokenKeys));

        IssuerRequestUri = issuerRequestUri;
        TokenKeys = tokenKeys;
    }

    /// <summary>issuer-request-uri as written; <see cref="TryResolveRequestUri"/> makes it absolute.</summary>
    public string IssuerRequestUri { get; }

    /// <summary>token-keys in their order, unknown types included.</summary>
    public IReadOnlyList<IssuerDirectoryKey> TokenKeys { get; }

    /// <summary>Parses a whole document. Members that are not the RFC's are ignored, repeated ones refused.</summary>
    /// <param name="utf8Json">Untrusted; at most <see cref="MaxSize"/> bytes.</param>
    /// <param name="directory">The directory, or null.</param>
    /// <param name="error"><see cref="PrivacyPassError.BadDirectory"/>, <see cref="PrivacyPassError.BadBase64"/> or <see cref="PrivacyPassError.TooManyKeys"/>.</param>
    public static bool TryParse(ReadOnlyMemory<byte> utf8Json, [NotNullWhen(true)] out IssuerDirectory? directory, out PrivacyPassError error)
    {
        directory = null;
        error = PrivacyPassError.BadDirectory;
        if (utf8Json.Length > MaxSize)
            return false;

        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8Json, Strict);
            error = TryRead(document.RootElement, out directory);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, a member twice, or a string that is not UTF-16: GetString says the last with InvalidOperationException.
            error = PrivacyPassError.BadDirectory;
        }

        return directory is not null;
    }

    /// <summary>The document as UTF-8 without white space: the same bytes for the same keys.</summary>
    public byte[] Write()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("issuer-request-uri", IssuerRequestUri);
            json.WriteStartArray("token-keys");
            foreach (IssuerDirectoryKey key in TokenKeys)
            {
                json.WriteStartObject();
                json.WriteNumber("token-type", key.TokenType);
                json.WriteString("token-key", PaddedBase64Url.Encode(key.TokenKey.Span));
                if (key.NotBefore is DateTimeOffset start)
                    json.WriteNumber("not-before", start.ToUnixTimeSeconds());

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Where to send TokenRequests: the request URI against the URI that the directory came from. False when that leaves https.</summary>
    public bool TryResolveRequestUri(Uri directoryUri, [NotNullWhen(true)] out Uri? requestUri) =>
        Uri.TryCreate(directoryUri, IssuerRequestUri, out requestUri) && requestUri.Scheme == Uri.UriSchemeHttps;

    /// <summary>The key that every client takes: the first of the type that may be used at <paramref name="now"/>.</summary>
    /// <param name="tokenType">The wanted type.</param>
    /// <param name="now">The client's time.</param>
    /// <param name="key">The key, or null.</param>
    /// <param name="error"><see cref="PrivacyPassError.NoUsableKey"/>, <see cref="PrivacyPassError.UnknownTokenType"/>, or <see cref="PrivacyPassError.BadKey"/>: a client does not pass on to the next key.</param>
    public bool TryFindUsable(ushort tokenType, DateTimeOffset now, [NotNullWhen(true)] out TokenPublicKey? key, out PrivacyPassError error)
    {
        IssuerDirectoryKey? first = TokenKeys.FirstOrDefault(entry => entry.TokenType == tokenType && entry.IsUsableAt(now));
        if (first is not null)
            return TokenPublicKey.TryParse(tokenType, first.TokenKey.Span, out key, out error);

        key = null;
        error = PrivacyPassError.NoUsableKey;
        return false;
    }

    /// <summary>
    /// The entry that everybody follows: the first that may be used at <paramref name="now"/>, of a type of the registry, served on this machine or not. Its type
    /// is the one in force: it follows from the directory's bytes and the time alone, so nobody can be given a type of his own. Null when there is none.
    /// </summary>
    public IssuerDirectoryKey? FindActive(DateTimeOffset now) =>
        TokenKeys.FirstOrDefault(entry => entry.IsUsableAt(now) && TokenType.FindKnown(entry.TokenType) is not null);

    private static PrivacyPassError TryRead(JsonElement root, out IssuerDirectory? directory)
    {
        directory = null;
        if (root.ValueKind is not JsonValueKind.Object
            || !root.TryGetProperty("issuer-request-uri", out JsonElement uri) || uri.ValueKind is not JsonValueKind.String
            || !root.TryGetProperty("token-keys", out JsonElement list) || list.ValueKind is not JsonValueKind.Array)
            return PrivacyPassError.BadDirectory;

        if (list.GetArrayLength() > MaxKeys)
            return PrivacyPassError.TooManyKeys;

        var keys = new List<IssuerDirectoryKey>();
        foreach (JsonElement entry in list.EnumerateArray())
        {
            PrivacyPassError error = TryReadKey(entry, out IssuerDirectoryKey? key);
            if (key is null)
                return error;

            keys.Add(key);
        }

        string issuerRequestUri = uri.GetString()!;
        PrivacyPassError counted = !IsRequestUri(issuerRequestUri) ? PrivacyPassError.BadDirectory : Count(keys);
        directory = counted is PrivacyPassError.None ? new(issuerRequestUri, keys) : null;
        return counted;
    }

    private static PrivacyPassError TryReadKey(JsonElement entry, out IssuerDirectoryKey? key)
    {
        key = null;
        if (entry.ValueKind is not JsonValueKind.Object
            || !entry.TryGetProperty("token-type", out JsonElement type) || type.ValueKind is not JsonValueKind.Number || !type.TryGetUInt16(out ushort tokenType)
            || !entry.TryGetProperty("token-key", out JsonElement encoded) || encoded.ValueKind is not JsonValueKind.String)
            return PrivacyPassError.BadDirectory;

        DateTimeOffset? notBefore = null;
        if (entry.TryGetProperty("not-before", out JsonElement start))
        {
            if (start.ValueKind is not JsonValueKind.Number || !start.TryGetInt64(out long seconds) || seconds < 0 || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
                return PrivacyPassError.BadDirectory;

            notBefore = DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        if (!PaddedBase64Url.TryDecode(encoded.GetString(), out byte[]? tokenKey))
            return PrivacyPassError.BadBase64;

        key = new(tokenType, tokenKey, notBefore);
        return PrivacyPassError.None;
    }

    private static PrivacyPassError Count(IReadOnlyCollection<IssuerDirectoryKey> keys) =>
        keys.Count > MaxKeys || keys.CountBy(key => key.TokenType).Any(type => type.Value > MaxKeysOfType)
            ? PrivacyPassError.TooManyKeys
            : PrivacyPassError.None;

    private static bool IsRequestUri(string? uri) =>
        !string.IsNullOrEmpty(uri)
        && Uri.TryCreate(uri, UriKind.RelativeOrAbsolute, out Uri? parsed)
        && (!parsed.IsAbsoluteUri || parsed.Scheme == Uri.UriSchemeHttps || uri.StartsWith('/'));
}
