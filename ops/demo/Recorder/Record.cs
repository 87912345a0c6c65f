using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Veil.Recorder;

/// <summary>One HTTP exchange, or one connection, as a party really received and answered it, after its TLS and before any of its own code.</summary>
/// <param name="Peer">The address that the connection came from.</param>
/// <param name="Port">The local port that it arrived at.</param>
/// <param name="Method">The request's method.</param>
/// <param name="Target">Path and query as received.</param>
/// <param name="Headers">Request fields, in order.</param>
/// <param name="Request">The request's content, up to <see cref="RecordFile.MostBytes"/>.</param>
/// <param name="RequestLength">The content's full length in bytes.</param>
/// <param name="Response">The answer's content, up to <see cref="RecordFile.MostBytes"/>.</param>
/// <param name="ResponseLength">The answer's full length in bytes.</param>
public sealed record Record(
    string Peer,
    int Port,
    string Method,
    string Target,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    byte[] Request,
    long RequestLength,
    byte[] Response,
    long ResponseLength)
{
    /// <summary>A connection that was accepted, whether or not a request came over it.</summary>
    public static Record OfConnection(IPEndPoint peer, IPEndPoint local)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(local);
        return new Record(peer.Address.MapToIPv4().ToString(), local.Port, "", "", [], [], 0, [], 0);
    }

    /// <summary>True for an exchange, false for a mere connection.</summary>
    [JsonIgnore]
    public bool IsRequest => Method.Length > 0;
}

/// <summary>A file of records, one JSON object a line, in the order in which the exchanges ended.</summary>
public sealed class RecordFile(string path)
{
    /// <summary>Content kept per direction and exchange: enough for any conversation, and little beside a bulk transfer.</summary>
    public const int MostBytes = 1024 * 1024;

    private readonly Lock _lock = new();

    /// <summary>Appends one record.</summary>
    public void Append(Record record)
    {
        string line = JsonSerializer.Serialize(record) + "\n";
        lock (_lock)
        {
            File.AppendAllText(path, line);
        }
    }

    /// <summary>Reads what has been recorded so far; nothing when the party has not been asked yet.</summary>
    public static IReadOnlyList<Record> Read(string path) =>
        File.Exists(path) ? [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<Record>(line)!)] : [];
}
