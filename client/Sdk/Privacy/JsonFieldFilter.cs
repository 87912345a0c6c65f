using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.ClientSdk;

/// <summary>Takes fields out of JSON bodies by the first <see cref="JsonFieldRule"/> that matches the path.</summary>
internal sealed class JsonFieldFilter(IReadOnlyList<JsonFieldRule> rules)
{
    /// <summary>
    /// True when a body to this path must be read whole and be JSON. A rule for certain paths, or with an allow-list, holds whatever the media type says,
    /// since a service may read JSON under any; a rule that strips everywhere lets what neither is called JSON nor is JSON pass.
    /// </summary>
    public bool Requires(string path, string? mediaType) =>
        Rule(path) is { } rule && (rule.Allow is not null || rule.PathSuffix.Length > 0 || IsJson(mediaType));

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
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // The second is half of a surrogate pair in a name or a string: well-formed JSON that is no text.
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
