using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.Attestation;

/// <summary>
/// What an authority promises to every client alike: its services, what a request costs, and which hosts may serve it. One line of UTF-8 JSON,
/// <c>{"v":1,"services":[{"authority":…,"price":{"tokens":n,"max_tokens":n,"request_bytes":n,"answer_bytes":n,"seconds":n},"appraisal":policy},…]}</c>, where the policy
/// names no measurement: those come from releases. Members beyond these, missing or repeated ones refuse the whole document.
/// </summary>
/// <param name="Services">Each service once.</param>
public sealed record AuthorityPolicy(IReadOnlyList<ServicePolicy> Services)
{
    /// <summary>Longest document: a hundred services with long policies stay far below.</summary>
    public const int MaxSize = 1 << 20;

    private const int Version = 1;

    /// <summary>Writes the one line.</summary>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v"u8, Version);
            json.WriteStartArray("services"u8);
            foreach (ServicePolicy service in Services)
            {
                json.WriteStartObject();
                json.WriteString("authority"u8, service.Authority);
                ServicePriceJson.Write(json, service.Price);
                json.WritePropertyName("appraisal"u8);
                json.WriteRawValue(service.Appraisal.Span);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a document whose hash was checked.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> document, [NotNullWhen(true)] out AuthorityPolicy? policy)
    {
        policy = null;
        if (document.Length > MaxSize)
        {
            return false;
        }

        try
        {
            using var json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            policy = Read(json.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string holds half of a surrogate pair.
            return false;
        }

        return policy is not null;
    }

    private static AuthorityPolicy? Read(JsonElement root)
    {
        if (root.ValueKind is not JsonValueKind.Object || root.GetPropertyCount() != 2
            || !root.TryGetProperty("v", out JsonElement version) || version.ValueKind is not JsonValueKind.Number || !version.TryGetInt32(out int number) || number != Version
            || !root.TryGetProperty("services", out JsonElement list) || list.ValueKind is not JsonValueKind.Array)
        {
            return null;
        }

        var services = new List<ServicePolicy>();
        foreach (JsonElement entry in list.EnumerateArray())
        {
            if (entry.ValueKind is not JsonValueKind.Object || entry.GetPropertyCount() != 3
                || !entry.TryGetProperty("authority", out JsonElement authority) || authority.ValueKind is not JsonValueKind.String || authority.GetString() is not { Length: > 0 } name
                || !entry.TryGetProperty("price", out JsonElement priced) || !ServicePriceJson.TryRead(priced, out ServicePrice? price)
                || !entry.TryGetProperty("appraisal", out JsonElement appraisal) || appraisal.ValueKind is not JsonValueKind.Object)
            {
                return null;
            }

            services.Add(new(name, price, System.Text.Encoding.UTF8.GetBytes(appraisal.GetRawText())));
        }

        return services.DistinctBy(service => service.Authority, StringComparer.OrdinalIgnoreCase).Count() == services.Count ? new(services) : null;
    }
}
