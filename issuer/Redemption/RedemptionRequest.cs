using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.Issuer;

/// <summary>
/// The body of a redemption call, <c>{"redemptions":[{"token":"…","redemption_id":"…"},…]}</c>: base64url with or without padding. Exactly these members,
/// each once, in any order; nothing else.
/// </summary>
internal static class RedemptionRequest
{
    /// <summary>Bytes of a redemption id.</summary>
    public const int IdSize = 16;

    /// <summary>Longest accepted base64url of one token: that of the largest type, 354 bytes, has 472.</summary>
    private const int MaxTokenText = 1024;

    /// <summary>Bytes of JSON that <paramref name="count"/> redemptions can need.</summary>
    public static int MaxSize(int count) => 64 + (count * (MaxTokenText + 96));

    /// <summary>Parses the whole body; never throws on it.</summary>
    /// <param name="utf8Json">Untrusted. Overwritten: texts are decoded where they stand.</param>
    /// <param name="maxCount">Most redemptions.</param>
    /// <param name="items">The tokens' bytes and ids in order, or null.</param>
    /// <param name="error">What was wrong.</param>
    public static bool TryParse(
        Memory<byte> utf8Json, int maxCount, [NotNullWhen(true)] out List<PresentedToken>? items, out RedemptionRequestError error)
    {
        items = null;
        error = RedemptionRequestError.Malformed;
        var json = new Utf8JsonReader(utf8Json.Span);
        var found = new List<PresentedToken>();
        try
        {
            if (!Next(ref json, JsonTokenType.StartObject) || !Next(ref json, JsonTokenType.PropertyName) || !json.ValueTextEquals("redemptions"u8)
                || !Next(ref json, JsonTokenType.StartArray))
                return false;

            while (json.Read() && json.TokenType is JsonTokenType.StartObject)
            {
                if (found.Count == maxCount)
                {
                    error = RedemptionRequestError.TooMany;
                    return false;
                }

                if (!TryReadItem(ref json, utf8Json, out PresentedToken item))
                    return false;
                found.Add(item);
            }

            if (json.TokenType is not JsonTokenType.EndArray || !Next(ref json, JsonTokenType.EndObject) || json.Read() || found.Count == 0)
                return false;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return false;
        }

        items = found;
        error = RedemptionRequestError.None;
        return true;
    }

    private static bool TryReadItem(ref Utf8JsonReader json, Memory<byte> utf8Json, out PresentedToken item)
    {
        item = default;
        ReadOnlyMemory<byte>? token = null;
        ReadOnlyMemory<byte>? id = null;
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            bool isToken = json.ValueTextEquals("token"u8);
            if (!isToken && !json.ValueTextEquals("redemption_id"u8))
                return false;
            if (!json.Read() || json.TokenType is not JsonTokenType.String || json.ValueIsEscaped || (isToken ? token : id) is not null)
                return false;
            // The text stands between the quotes that the token starts with and the reader is behind of.
            if (!TryDecode(utf8Json.Slice((int)json.TokenStartIndex + 1, json.ValueSpan.Length), out ReadOnlyMemory<byte> value))
                return false;
            if (isToken)
                token = value;
            else
                id = value;
        }

        if (json.TokenType is not JsonTokenType.EndObject || token is null || id is not { Length: IdSize })
            return false;

        item = new PresentedToken(token.Value, id.Value);
        return true;
    }

    private static bool TryDecode(Memory<byte> text, out ReadOnlyMemory<byte> value)
    {
        value = default;

        // IsValid is too kind to half of a padding, which decoding then throws at.
        Span<byte> span = text.Span;
        if (span.Length > MaxTokenText || span.ContainsAny(" \t\r\n"u8) || (span.Contains((byte)'=') && span.Length % 4 != 0) || !Base64Url.IsValid(span))
            return false;

        value = text[..Base64Url.DecodeFromUtf8InPlace(span)];
        return true;
    }

    private static bool Next(ref Utf8JsonReader json, JsonTokenType expected) => json.Read() && json.TokenType == expected;
}
