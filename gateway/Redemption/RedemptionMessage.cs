using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Veil.PrivacyPass;

namespace Veil.Gateway.Redemption;

/// <summary>
/// The JSON of the issuer's redemption: <c>{"redemptions":[{"token":b64url,"redemption_id":b64url},…]}</c> is answered by
/// <c>{"verdicts":["accepted"|"spent"|"invalid"|"unknown-key"|"expired",…]}</c> in the same order.
/// </summary>
internal static class RedemptionMessage
{
    /// <summary>Longest accepted answer: 1,000 verdicts.</summary>
    public const int MaxAnswerBytes = 32 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>The request for a batch: the tokens of each redemption in their order, under its id.</summary>
    public static byte[] Write(IReadOnlyList<PendingRedemption> batch)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + batch.Count * 600);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("redemptions"u8);
            foreach (PendingRedemption pending in batch)
            {
                RedemptionId id = pending.Id;
                string idText = PaddedBase64Url.Encode(id);
                foreach (Token token in pending.Tokens)
                {
                    json.WriteStartObject();
                    json.WriteString("token"u8, PaddedBase64Url.Encode(token.Encoded));
                    json.WriteString("redemption_id"u8, idText);
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the answer; false unless it has exactly <paramref name="count"/> verdicts that are all known.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> answer, int count, [NotNullWhen(true)] out RedemptionVerdict[]? verdicts)
    {
        verdicts = null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(answer, Strict);
            if (json.RootElement.ValueKind is not JsonValueKind.Object
                || !json.RootElement.TryGetProperty("verdicts", out JsonElement list) || list.ValueKind is not JsonValueKind.Array || list.GetArrayLength() != count)
                return false;

            RedemptionVerdict[] read = [.. list.EnumerateArray().Select(Verdict)];
            verdicts = read.Contains(RedemptionVerdict.Unavailable) ? null : read;
            return verdicts is not null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // An escaped half of a surrogate pair parses, and throws when it is compared.
            return false;
        }
    }

    private static RedemptionVerdict Verdict(JsonElement element) =>
        element.ValueKind is not JsonValueKind.String ? RedemptionVerdict.Unavailable
        : element.ValueEquals("accepted"u8) ? RedemptionVerdict.Accepted
        : element.ValueEquals("spent"u8) ? RedemptionVerdict.Spent
        : element.ValueEquals("invalid"u8) ? RedemptionVerdict.Invalid
        : element.ValueEquals("unknown-key"u8) ? RedemptionVerdict.UnknownKey
        : element.ValueEquals("expired"u8) ? RedemptionVerdict.Expired
        : RedemptionVerdict.Unavailable;
}
