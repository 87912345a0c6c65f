using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.Attestation;

/// <summary>A price in a document: <c>{"tokens":n,"max_tokens":n,"request_bytes":n,"answer_bytes":n,"seconds":n}</c>.</summary>
internal static class ServicePriceJson
{
    /// <summary>Longest time that a price may name: a year, far beyond any answer.</summary>
    private const long MaxSeconds = 366L * 24 * 60 * 60;

    /// <summary>Writes the member <c>price</c>.</summary>
    public static void Write(Utf8JsonWriter json, ServicePrice price)
    {
        json.WriteStartObject("price"u8);
        json.WriteNumber("tokens"u8, price.Tokens);
        json.WriteNumber("max_tokens"u8, price.MaxTokens);
        json.WriteNumber("request_bytes"u8, price.RequestBytes);
        json.WriteNumber("answer_bytes"u8, price.AnswerBytes);
        json.WriteNumber("seconds"u8, (long)price.Duration.TotalSeconds);
        json.WriteEndObject();
    }

    /// <summary>Reads its value.</summary>
    public static bool TryRead(JsonElement entry, [NotNullWhen(true)] out ServicePrice? price)
    {
        price = entry.ValueKind is JsonValueKind.Object && entry.GetPropertyCount() == 5
            && TryNumber(entry, "tokens", ServicePrice.TokensLimit, out long tokens)
            && TryNumber(entry, "max_tokens", ServicePrice.TokensLimit, out long maxTokens)
            && TryNumber(entry, "request_bytes", ServicePrice.WorkLimit, out long requestBytes)
            && TryNumber(entry, "answer_bytes", ServicePrice.WorkLimit, out long answerBytes)
            && TryNumber(entry, "seconds", MaxSeconds, out long seconds)
            ? new((int)tokens, (int)maxTokens, requestBytes, answerBytes, TimeSpan.FromSeconds(seconds))
            : null;
        price = price is { IsPossible: true } ? price : null;
        return price is not null;
    }

    private static bool TryNumber(JsonElement parent, string name, long most, out long number)
    {
        number = 0;
        return parent.TryGetProperty(name, out JsonElement element) && element.ValueKind is JsonValueKind.Number
            && element.TryGetInt64(out number) && number >= 0 && number <= most;
    }
}
