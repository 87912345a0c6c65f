using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;

namespace Veil.Transparency.Epochs;

/// <summary>
/// What may run in a host: a signed note of enough release signers over one line of JSON,
/// <code>
/// {"v":1,"name":"…","service":"…","kind":"sev-snp","measurements":{"measurement":"hex"}}
/// {"v":1,"name":"…","service":"…","kind":"tdx","measurements":{"mrtd":"hex","rtmr0":"hex",…}}
/// </code>
/// where the kind is one of an appraisal policy, and the measurements are what that policy calls them. There is one encoding; any other spelling is refused.
/// </summary>
public sealed class Release
{
    /// <summary>Longest line in bytes.</summary>
    public const int MaxSize = 4 << 10;

    private const int Version = 1;
    private const int MaxMeasurements = 8;
    private const int MaxMeasurementSize = 64;

    /// <param name="name">For people: what and which version.</param>
    /// <param name="service">The authority that it serves.</param>
    /// <param name="kind">The kind of evidence, as appraisal policies name it.</param>
    /// <param name="measurements">By their names, in ordinal order.</param>
    public Release(string name, string service, string kind, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> measurements)
    {
        Name = name;
        Service = service;
        Kind = kind;
        Measurements = measurements;
        Id = Convert.ToHexStringLower(SHA256.HashData(Write()));
    }

    /// <summary>What and which version, for people.</summary>
    public string Name { get; }

    /// <summary>The authority that it serves.</summary>
    public string Service { get; }

    /// <summary>The kind of evidence, as appraisal policies name it.</summary>
    public string Kind { get; }

    /// <summary>Each measurement by its name.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Measurements { get; }

    /// <summary>SHA-256 of the line in hex: two releases are one when they say the same, whoever signed.</summary>
    public string Id { get; }

    /// <summary>The one line, without its end.</summary>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v"u8, Version);
            json.WriteString("name"u8, Name);
            json.WriteString("service"u8, Service);
            json.WriteString("kind"u8, Kind);
            json.WriteStartObject("measurements"u8);
            foreach ((string measurement, ReadOnlyMemory<byte> value) in Measurements.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WriteString(measurement, Convert.ToHexStringLower(value.Span));
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The text of the note that signers sign: the line with its end.</summary>
    public byte[] NoteText() => [.. Write(), (byte)'\n'];

    /// <summary>Opens one signed release.</summary>
    /// <param name="note">Untrusted.</param>
    /// <param name="signers">Whose signatures count.</param>
    /// <param name="threshold">How many are needed.</param>
    /// <param name="release">The release.</param>
    public static bool TryOpen(ReadOnlySpan<byte> note, IReadOnlyList<NoteVerifierKey> signers, int threshold, [NotNullWhen(true)] out Release? release)
    {
        release = null;
        return SignedNote.TryOpen(note, signers, out SignedNote? opened)
            && opened.Signatures.Count >= threshold
            && opened.Text.Span is [.. { } line, (byte)'\n']
            && TryParse(line, out release);
    }

    /// <summary>Opens a releases document, a <see cref="DocumentSet"/> of signed releases: one that is not signed by enough refuses the whole.</summary>
    /// <param name="document">A document whose hash was checked.</param>
    /// <param name="signers">Whose signatures count.</param>
    /// <param name="threshold">How many are needed.</param>
    /// <param name="releases">The releases.</param>
    public static bool TryParseSet(
        ReadOnlyMemory<byte> document, IReadOnlyList<NoteVerifierKey> signers, int threshold, [NotNullWhen(true)] out IReadOnlyList<Release>? releases)
    {
        releases = null;
        if (!DocumentSet.TryParse(document, out DocumentSet? notes))
        {
            return false;
        }

        var opened = new List<Release>();
        foreach (ReadOnlyMemory<byte> note in notes.Documents)
        {
            if (!TryOpen(note.Span, signers, threshold, out Release? release))
            {
                return false;
            }

            opened.Add(release);
        }

        releases = opened;
        return true;
    }

    /// <summary>The releases that count in a head: those that the head of the releases' age named as well. What the head itself does not name is gone at once.</summary>
    /// <param name="named">Those of the head.</param>
    /// <param name="elder">Those of the head of the releases' age.</param>
    public static IReadOnlyList<Release> Matured(IReadOnlyList<Release> named, IReadOnlyList<Release> elder)
    {
        HashSet<string> old = [.. elder.Select(release => release.Id)];
        return [.. named.Where(release => old.Contains(release.Id))];
    }

    /// <summary>Reads one line.</summary>
    /// <param name="line">Untrusted, without its end.</param>
    /// <param name="release">The release.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, [NotNullWhen(true)] out Release? release)
    {
        release = line.Length <= MaxSize ? Read(line) : null;
        if (release is not null && !line.SequenceEqual(release.Write()))
        {
            release = null;
        }

        return release is not null;
    }

    private static Release? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line.ToArray(), new JsonDocumentOptions { MaxDepth = 3, AllowDuplicateProperties = false });
            JsonElement root = json.RootElement;
            if (root.ValueKind is not JsonValueKind.Object
                || !root.TryGetProperty("v", out JsonElement version) || version.ValueKind is not JsonValueKind.Number || !version.TryGetInt32(out int number) || number != Version
                || Text(root, "name") is not { } name || Text(root, "service") is not { } service || Text(root, "kind") is not { } kind
                || !root.TryGetProperty("measurements", out JsonElement listed) || listed.ValueKind is not JsonValueKind.Object || listed.GetPropertyCount() is 0 or > MaxMeasurements)
            {
                return null;
            }

            var measurements = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
            foreach (JsonProperty measurement in listed.EnumerateObject())
            {
                if (measurement.Value.ValueKind is not JsonValueKind.String || measurement.Value.GetString() is not { Length: > 0 and <= 2 * MaxMeasurementSize } hex
                    || hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit))
                {
                    return null;
                }

                measurements.Add(measurement.Name, Convert.FromHexString(hex));
            }

            return new(name, service, kind, measurements);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string holds half of a surrogate pair.
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement element) && element.ValueKind is JsonValueKind.String && element.GetString() is { Length: > 0 } text ? text : null;
}
