using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.Transparency.Epochs;

/// <summary>
/// All that a first run needs: who the authority is, which log and witnesses count, who signs releases, and when epoch 0 began. One JSON object,
/// <code>
/// {"v":1,"serial":n,"authority":"…","genesis":seconds,"epoch_seconds":n,"origin":"…","log_key":vkey,"witnesses":[vkey,…],"witness_threshold":n,
///  "authority_key":vkey,"release_signers":[vkey,…],"release_threshold":m,"release_maturity_seconds":n}
/// </code>
/// where a vkey is a C2SP note verifier key. Unknown, missing and repeated members are refused, and so are thresholds that nothing could miss.
/// </summary>
public sealed record TrustBundle
{
    /// <summary>Longest file, in bytes: 64 post-quantum keys in base64 have 120 KB.</summary>
    public const int MaxSize = 256 << 10;

    /// <summary>Most witnesses and most release signers.</summary>
    public const int MaxKeys = 64;

    private const int Version = 1;
    private const int Members = 13;
    private const long MaxSeconds = 253_402_300_799;
    private const long MaxEpochSeconds = 31L * 24 * 60 * 60;
    private const long MaxMaturitySeconds = 366L * 24 * 60 * 60;

    /// <summary>Counts up with each bundle of the authority, from 1.</summary>
    public required long Serial { get; init; }

    /// <summary>The gateway's authority: host, and port where it is not 443.</summary>
    public required string Authority { get; init; }

    /// <summary>The first second of epoch 0, and how long each epoch lasts: a second to 31 days.</summary>
    public required EpochTimes Epochs { get; init; }

    /// <summary>The log's name, the first line of its checkpoints; <c>&lt;authority&gt;/veil</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>The key that signs the log's checkpoints.</summary>
    public required NoteVerifierKey LogKey { get; init; }

    /// <summary>The witnesses whose cosignatures count.</summary>
    public required IReadOnlyList<NoteVerifierKey> Witnesses { get; init; }

    /// <summary>How many of them must have cosigned; one at least.</summary>
    public required int WitnessThreshold { get; init; }

    /// <summary>The key that signs epoch heads.</summary>
    public required NoteVerifierKey AuthorityKey { get; init; }

    /// <summary>Who signs releases and the next bundle.</summary>
    public required IReadOnlyList<NoteVerifierKey> ReleaseSigners { get; init; }

    /// <summary>How many of them must have signed; one at least.</summary>
    public required int ReleaseThreshold { get; init; }

    /// <summary>How long a release must have been public before a client relies on it; 24 h unless the authority chose otherwise.</summary>
    public required TimeSpan ReleaseMaturity { get; init; }

    /// <summary>Which checkpoints count.</summary>
    public WitnessPolicy Witnessing => new(Origin, LogKey, Witnesses, WitnessThreshold);

    /// <summary>Writes the object.</summary>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v"u8, Version);
            json.WriteNumber("serial"u8, Serial);
            json.WriteString("authority"u8, Authority);
            json.WriteNumber("genesis"u8, Epochs.Genesis.ToUnixTimeSeconds());
            json.WriteNumber("epoch_seconds"u8, (long)Epochs.Length.TotalSeconds);
            json.WriteString("origin"u8, Origin);
            json.WriteString("log_key"u8, LogKey.ToString());
            Write(json, "witnesses", Witnesses);
            json.WriteNumber("witness_threshold"u8, WitnessThreshold);
            json.WriteString("authority_key"u8, AuthorityKey.ToString());
            Write(json, "release_signers", ReleaseSigners);
            json.WriteNumber("release_threshold"u8, ReleaseThreshold);
            json.WriteNumber("release_maturity_seconds"u8, (long)ReleaseMaturity.TotalSeconds);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a bundle.</summary>
    /// <param name="source">The file's bytes.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="problem">What is wrong with it, in one line for the person who configured it; empty when nothing is.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, [NotNullWhen(true)] out TrustBundle? bundle, out string problem)
    {
        bundle = null;
        problem = $"longer than {MaxSize} bytes";
        if (source.Length > MaxSize)
        {
            return false;
        }

        try
        {
            using var json = JsonDocument.Parse(source, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            bundle = Read(json.RootElement, out problem);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string holds half of a surrogate pair.
            problem = "not one JSON object with each member once";
        }

        return bundle is not null;
    }

    private static TrustBundle? Read(JsonElement root, out string problem)
    {
        if (root.ValueKind is not JsonValueKind.Object || root.GetPropertyCount() != Members)
        {
            problem = $"not a JSON object of {Members} members";
            return null;
        }

        var reader = new BundleReader(root);
        long version = reader.Number("v", Version, Version);
        long serial = reader.Number("serial", 1, long.MaxValue);
        string authority = reader.Text("authority");
        long genesis = reader.Number("genesis", 0, MaxSeconds);
        long epochSeconds = reader.Number("epoch_seconds", 1, MaxEpochSeconds);
        string origin = reader.Text("origin");
        NoteVerifierKey? logKey = reader.Key("log_key");
        IReadOnlyList<NoteVerifierKey> witnesses = reader.Keys("witnesses");
        long witnessThreshold = reader.Number("witness_threshold", 1, witnesses.Count);
        NoteVerifierKey? authorityKey = reader.Key("authority_key");
        IReadOnlyList<NoteVerifierKey> releaseSigners = reader.Keys("release_signers");
        long releaseThreshold = reader.Number("release_threshold", 1, releaseSigners.Count);
        long maturity = reader.Number("release_maturity_seconds", 0, MaxMaturitySeconds);
        reader.RequireTypes(NoteKeyType.Ed25519, "log_key, authority_key and release_signers", [logKey, authorityKey, .. releaseSigners]);
        reader.RequireTypes(NoteKeyType.Cosignature, "witnesses", witnesses);
        problem = reader.Problem;
        return problem.Length > 0 ? null : new()
        {
            Serial = serial,
            Authority = authority,
            Epochs = new(DateTimeOffset.FromUnixTimeSeconds(genesis), TimeSpan.FromSeconds(epochSeconds)),
            Origin = origin,
            LogKey = logKey!,
            Witnesses = witnesses,
            WitnessThreshold = (int)witnessThreshold,
            AuthorityKey = authorityKey!,
            ReleaseSigners = releaseSigners,
            ReleaseThreshold = (int)releaseThreshold,
            ReleaseMaturity = TimeSpan.FromSeconds(maturity),
        };
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<NoteVerifierKey> keys)
    {
        json.WriteStartArray(name);
        foreach (NoteVerifierKey key in keys)
        {
            json.WriteStringValue(key.ToString());
        }

        json.WriteEndArray();
    }

    /// <summary>Reads members one after another and keeps the first problem.</summary>
    private sealed class BundleReader(JsonElement root)
    {
        public string Problem { get; private set; } = "";

        public long Number(string name, long least, long most)
        {
            if (root.TryGetProperty(name, out JsonElement element) && element.ValueKind is JsonValueKind.Number
                && element.TryGetInt64(out long number) && number >= least && number <= most)
            {
                return number;
            }

            return Fail(name, $"a whole number from {least} to {most}", 0L);
        }

        public string Text(string name)
        {
            string? text = root.TryGetProperty(name, out JsonElement element) && element.ValueKind is JsonValueKind.String ? element.GetString() : null;
            return string.IsNullOrEmpty(text) || text.Any(char.IsWhiteSpace) || text.Any(char.IsControl) ? Fail(name, "a text without spaces", "") : text;
        }

        public NoteVerifierKey? Key(string name) => root.TryGetProperty(name, out JsonElement element) ? Parse(name, element) : Fail<NoteVerifierKey?>(name, "a note verifier key", null);

        public IReadOnlyList<NoteVerifierKey> Keys(string name)
        {
            if (!root.TryGetProperty(name, out JsonElement list) || list.ValueKind is not JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxKeys)
            {
                return Fail<IReadOnlyList<NoteVerifierKey>>(name, $"a list of 1 to {MaxKeys} note verifier keys", []);
            }

            var keys = new List<NoteVerifierKey>();
            foreach (JsonElement element in list.EnumerateArray())
            {
                if (Parse(name, element) is { } key)
                {
                    keys.Add(key);
                }
            }

            // One key under two names would count twice towards the threshold.
            return keys.DistinctBy(key => Convert.ToHexString(key.PublicKey.Span)).Count() == keys.Count ? keys : Fail<IReadOnlyList<NoteVerifierKey>>(name, "a list in which no key is repeated", []);
        }

        public void RequireTypes(NoteKeyType type, string names, IEnumerable<NoteVerifierKey?> keys)
        {
            if (keys.Any(key => key is not null && key.Type != type))
            {
                Fail(names, $"keys of type {(int)type} ({type})", false);
            }
        }

        private NoteVerifierKey? Parse(string name, JsonElement element) =>
            element.ValueKind is JsonValueKind.String && NoteVerifierKey.TryParse(element.GetString()!, out NoteVerifierKey? key)
                ? key
                : Fail<NoteVerifierKey?>(name, "a note verifier key (name+hex+base64) of a type that this program knows", null);

        private T Fail<T>(string name, string wanted, T value)
        {
            if (Problem.Length is 0)
            {
                Problem = $"{name}: {wanted} is wanted";
            }

            return value;
        }
    }
}
