using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.Attestation;

/// <summary>
/// What a gateway shows to every client alike: one line of UTF-8 JSON,
/// <c>{"v":2,"authority":…,"not_before":seconds,"not_after":seconds,"keys":b64,"previous_keys":b64,"issuer":b64,"challenge":b64,"services":[service,…]}</c> with a service
/// <c>{"authority":…,"price":{"tokens":n,"max_tokens":n,"request_bytes":n,"answer_bytes":n,"seconds":n},"hosts":[b64,…]}</c>, where b64 is padded base64 of the
/// exact bytes. Another version, members beyond these, missing or repeated ones refuse the whole document.
/// </summary>
public sealed record GatewayView
{
    /// <summary>The end of the year 9999.</summary>
    private const long MaxSeconds = 253_402_300_799;

    private const int Version = 2;

    /// <summary>Longest time that a view may be valid, a day: an old view with a retired key in it is worth nothing to anybody after that.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(1);

    /// <summary>The gateway's authority: host, and port where it is not 443.</summary>
    public required string Authority { get; init; }

    /// <summary>The first second at which the view is valid.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>The last second at which the view is valid; later than <see cref="NotBefore"/> by at most <see cref="MaxLifetime"/>.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The exact <c>application/ohttp-keys</c> bytes that the gateway's discovery serves.</summary>
    public required ReadOnlyMemory<byte> Keys { get; init; }

    /// <summary>The exact bytes that it served before the last takeover, for as long as mirrors may show them; empty at other times.</summary>
    public ReadOnlyMemory<byte> PreviousKeys { get; init; }

    /// <summary>The exact issuer directory bytes; empty where no service asks for a token.</summary>
    public required ReadOnlyMemory<byte> Issuer { get; init; }

    /// <summary>The one <c>TokenChallenge</c> (RFC 9577 section 2.1) of this authority, of the token type in force; empty where no service asks for a token.</summary>
    public required ReadOnlyMemory<byte> Challenge { get; init; }

    /// <summary>The services that are reached through the gateway.</summary>
    public required IReadOnlyList<ServiceView> Services { get; init; }

    /// <summary>Writes the one line.</summary>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v"u8, Version);
            json.WriteString("authority"u8, Authority);
            json.WriteNumber("not_before"u8, NotBefore.ToUnixTimeSeconds());
            json.WriteNumber("not_after"u8, NotAfter.ToUnixTimeSeconds());
            json.WriteBase64String("keys"u8, Keys.Span);
            json.WriteBase64String("previous_keys"u8, PreviousKeys.Span);
            json.WriteBase64String("issuer"u8, Issuer.Span);
            json.WriteBase64String("challenge"u8, Challenge.Span);
            json.WriteStartArray("services"u8);
            foreach (ServiceView service in Services)
            {
                json.WriteStartObject();
                json.WriteString("authority"u8, service.Authority);
                ServicePriceJson.Write(json, service.Price);
                json.WriteStartArray("hosts"u8);
                foreach (ReadOnlyMemory<byte> host in service.Hosts)
                {
                    json.WriteBase64StringValue(host.Span);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a document whose signature was checked, or that is about to be compared.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> document, [NotNullWhen(true)] out GatewayView? view, out SignedViewError error)
    {
        view = null;
        error = document.Length > SignedView.MaxDocumentSize ? SignedViewError.TooLarge : SignedViewError.BadDocument;
        if (error is SignedViewError.TooLarge)
        {
            return false;
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            if (TryRead(json.RootElement, out view))
            {
                error = SignedViewError.None;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string holds half of a surrogate pair.
            return false;
        }

        return view is not null;
    }

    private static bool TryRead(JsonElement root, [NotNullWhen(true)] out GatewayView? view)
    {
        view = null;
        if (!HasMembers(root, 9)
            || !root.TryGetProperty("v", out JsonElement version) || version.ValueKind is not JsonValueKind.Number
            || !version.TryGetInt32(out int number) || number != Version
            || !TryText(root, "authority", out string? authority)
            || !TryTime(root, "not_before", out DateTimeOffset notBefore)
            || !TryTime(root, "not_after", out DateTimeOffset notAfter)
            || notAfter <= notBefore || notAfter - notBefore > MaxLifetime
            || !TryBytes(root, "keys", out byte[]? keys)
            || !TryBytes(root, "previous_keys", out byte[]? previousKeys)
            || !TryBytes(root, "issuer", out byte[]? issuer)
            || !TryBytes(root, "challenge", out byte[]? challenge)
            || !root.TryGetProperty("services", out JsonElement list) || list.ValueKind is not JsonValueKind.Array)
        {
            return false;
        }

        var services = new List<ServiceView>();
        foreach (JsonElement entry in list.EnumerateArray())
        {
            if (!TryReadService(entry, out ServiceView? service))
            {
                return false;
            }

            services.Add(service);
        }

        view = new()
        {
            Authority = authority,
            NotBefore = notBefore,
            NotAfter = notAfter,
            Keys = keys,
            PreviousKeys = previousKeys,
            Issuer = issuer,
            Challenge = challenge,
            Services = services,
        };
        return true;
    }

    private static bool TryReadService(JsonElement entry, [NotNullWhen(true)] out ServiceView? service)
    {
        service = null;
        if (!HasMembers(entry, 3) || !TryText(entry, "authority", out string? authority)
            || !entry.TryGetProperty("price", out JsonElement priced) || !ServicePriceJson.TryRead(priced, out ServicePrice? price)
            || !entry.TryGetProperty("hosts", out JsonElement list) || list.ValueKind is not JsonValueKind.Array)
        {
            return false;
        }

        var hosts = new List<ReadOnlyMemory<byte>>();
        foreach (JsonElement host in list.EnumerateArray())
        {
            if (host.ValueKind is not JsonValueKind.String || !host.TryGetBytesFromBase64(out byte[]? bytes))
            {
                return false;
            }

            hosts.Add(bytes);
        }

        service = new(authority, price, hosts);
        return true;
    }

    private static bool HasMembers(JsonElement element, int count) =>
        element.ValueKind is JsonValueKind.Object && element.GetPropertyCount() == count;

    private static bool TryText(JsonElement parent, string name, [NotNullWhen(true)] out string? text)
    {
        text = parent.TryGetProperty(name, out JsonElement element) && element.ValueKind is JsonValueKind.String ? element.GetString() : null;
        return !string.IsNullOrEmpty(text);
    }

    private static bool TryTime(JsonElement parent, string name, out DateTimeOffset time)
    {
        bool read = TryNumber(parent, name, MaxSeconds, out long seconds);
        time = read ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return read;
    }

    private static bool TryNumber(JsonElement parent, string name, long most, out long number)
    {
        number = 0;
        return parent.TryGetProperty(name, out JsonElement element) && element.ValueKind is JsonValueKind.Number
            && element.TryGetInt64(out number) && number >= 0 && number <= most;
    }

    private static bool TryBytes(JsonElement parent, string name, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        return parent.TryGetProperty(name, out JsonElement element)
            && element.ValueKind is JsonValueKind.String
            && element.TryGetBytesFromBase64(out bytes);
    }
}
