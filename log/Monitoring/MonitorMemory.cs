using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Veil.Transparency;
using Veil.TransparencyLog.Storage;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>
/// What a monitor saw of each mirror, in a file: a log that rolled back or forked while nobody looked is found by the next look, and what was reported is not reported again.
/// <code>
/// {"v":1,"origin":"…","log_key":vkey,"logs":[{"url":"…","size":n,"root":b64},…]}
/// </code>
/// </summary>
internal sealed class MonitorMemory
{
    /// <summary>Longest file: some hundred mirrors.</summary>
    private const int MaxSize = 64 << 10;

    private const int Version = 1;
    private readonly string _file;
    private readonly WitnessPolicy _log;
    private readonly Dictionary<string, SeenHistory> _seen = new(StringComparer.Ordinal);

    private MonitorMemory(string file, WitnessPolicy log) => (_file, _log) = (file, log);

    /// <summary>Opens a file; one that is not there yet is an empty memory.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="log">Whose log it is about.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="problem">What is wrong with the file, in one line.</param>
    public static bool TryOpen(string file, WitnessPolicy log, [NotNullWhen(true)] out MonitorMemory? memory, out string problem)
    {
        memory = new MonitorMemory(file, log);
        try
        {
            problem = File.Exists(file) ? memory.Read() : "";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problem = $"cannot be read ({failure.GetType().Name})";
        }

        if (problem.Length > 0)
            memory = null;
        return memory is not null;
    }

    /// <summary>What was seen of a mirror; null where nothing was.</summary>
    public SeenHistory? Of(Uri url) => _seen.GetValueOrDefault(url.AbsoluteUri);

    /// <summary>Keeps what was judged of a mirror; on the disk when this returns.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Keep(Uri url, SeenHistory seen)
    {
        if (Of(url)?.Size == seen.Size)
            return;
        _seen[url.AbsoluteUri] = seen;
        WholeFile.WriteDurably(Path.GetFullPath(_file), Write());
    }

    private string Read()
    {
        if (new FileInfo(_file).Length > MaxSize)
            return $"is longer than the {MaxSize} bytes of a monitor's memory";
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(_file), new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            JsonElement root = json.RootElement;
            if (root.GetProperty("v").GetInt32() is not Version)
                return "is a monitor's memory of another version";
            if (root.GetProperty("origin").GetString() != _log.Origin || root.GetProperty("log_key").GetString() != _log.LogKey.ToString())
                return $"is a monitor's memory of another log than {_log.Origin} under its key";
            foreach (JsonElement log in root.GetProperty("logs").EnumerateArray())
            {
                var seen = new SeenHistory(log.GetProperty("size").GetInt64(), log.GetProperty("root").GetBytesFromBase64());
                if (seen.Size < 0 || seen.Root.Length != MerkleTree.HashSize || !_seen.TryAdd(log.GetProperty("url").GetString() ?? "", seen))
                    return "is no monitor's memory";
            }

            return "";
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return "is no monitor's memory";
        }
    }

    private ReadOnlySpan<byte> Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v", Version);
            json.WriteString("origin", _log.Origin);
            json.WriteString("log_key", _log.LogKey.ToString());
            json.WriteStartArray("logs");
            foreach ((string url, SeenHistory seen) in _seen.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("url", url);
                json.WriteNumber("size", seen.Size);
                json.WriteBase64String("root", seen.Root.Span);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }
}
