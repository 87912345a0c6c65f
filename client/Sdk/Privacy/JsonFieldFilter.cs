using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.ClientSdk;

/// <summary>Takes fields out of JSON bodies by the first <see cref="JsonFieldRule"/> that matches the path.</summary>
internal sealed class JsonFieldFilter(IReadOnlyList<JsonFieldRule> rules)
{
    /// <summary>True when a rule applies to a body of this media type sent to this path, so that the body must be read whole.</summary>
    public bool Applies(string path, string? mediaType) => IsJson(mediaType) && Rule(path) is not null;

    /// <summary>
    /// The body without the fields that the rule keeps back; a body of which nothing is kept back is returned as it is. A top level that
    /// is no object has no fields and passes. False when the body is not JSON, or so deep or irregular that what it says is unsure.
    /// </summary>
    public bool TryFilter(string path, ReadOnlyMemory<byte> body, [NotNullWhen(true)] out ReadOnlyMemory<byte>? filtered)
    {
        filtered = null;
        if (Rule(path) is not { } rule)
        {
            filtered = body;
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            filtered = document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.EnumerateObject().Any(field => !Travels(rule, field.Name))
                ? Rewrite(document.RootElement, rule)
                : body;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private JsonFieldRule? Rule(string path) => rules.FirstOrDefault(rule => path.EndsWith(rule.PathSuffix, StringComparison.OrdinalIgnoreCase));

    private static bool IsJson(string? mediaType) =>
        mediaType is not null
        && (mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static bool Travels(JsonFieldRule rule, string field) =>
        rule.Allow?.Contains(field, StringComparer.Ordinal) ?? !rule.Strip!.Contains(field, StringComparer.Ordinal);

    private static byte[] Rewrite(JsonElement source, JsonFieldRule rule)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (JsonProperty field in source.EnumerateObject().Where(field => Travels(rule, field.Name)))
            {
                field.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
