using System.Text;
using Veil.Recorder;

namespace Veil.DevStack;

/// <summary>One row: what one party saw of what came from one address.</summary>
/// <param name="Party">The party that saw.</param>
/// <param name="Peer">The address that it saw.</param>
/// <param name="PeerName">Whose address that is.</param>
/// <param name="Exchanges">How many requests came from there.</param>
/// <param name="Received">Bytes received from there.</param>
/// <param name="Sent">Bytes sent back.</param>
/// <param name="Saw">What of the person was among them in clear.</param>
public sealed record SawRow(string Party, string Peer, string PeerName, int Exchanges, long Received, long Sent, Secrets Saw);

/// <summary>
/// What every party saw, from what each really received in this run. A secret counts as seen by the party that received
/// it in clear, and by the party that it came from, since nobody sends what it has not seen. Requests are recorded behind
/// TLS, so "in clear" means: readable by that party.
/// </summary>
public sealed class WhoSawWhat
{
    private const string Person = "the person";

    /// <summary>Where hosts call their workloads from.</summary>
    private const string LocalOnly = "127.0.0.1";

    /// <summary>Builds the rows.</summary>
    /// <param name="recordings">Per party the address that others see it by, and what it received.</param>
    /// <param name="clientAddress">The address of the person.</param>
    /// <param name="patterns">What to look for.</param>
    public WhoSawWhat(IReadOnlyList<(string Party, string Address, IReadOnlyList<Record> Records)> recordings, string clientAddress, SecretPatterns patterns)
    {
        // Where all parties share one address, an address names nobody.
        bool shared = recordings.Any(recording => recording.Address == clientAddress);
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { [LocalOnly] = shared ? "this machine" : "host" };
        if (!shared)
        {
            names[clientAddress] = Person;
            foreach ((string party, string address, _) in recordings)
            {
                names.TryAdd(address, party);
            }
        }

        var handedOn = new Dictionary<string, Secrets>(StringComparer.Ordinal);
        var rows = new List<SawRow>();
        foreach ((string party, _, IReadOnlyList<Record> records) in recordings)
        {
            foreach (IGrouping<string, Record> fromPeer in records.GroupBy(record => record.Peer, StringComparer.Ordinal))
            {
                Secrets inClear = fromPeer.Aggregate(Secrets.None, (found, record) => found | FoundIn(record, patterns));
                string peerName = names.GetValueOrDefault(fromPeer.Key, "unknown");
                handedOn[peerName] = handedOn.GetValueOrDefault(peerName) | inClear;
                rows.Add(new SawRow(
                    party,
                    fromPeer.Key,
                    peerName,
                    fromPeer.Count(record => record.IsRequest),
                    fromPeer.Sum(record => record.RequestLength),
                    fromPeer.Sum(record => record.ResponseLength),
                    fromPeer.Key == clientAddress ? inClear | Secrets.Address : inClear));
            }

            if (records.Count == 0)
            {
                rows.Add(new SawRow(party, "-", "nobody", 0, 0, 0, Secrets.None));
            }
        }

        Rows = rows;
        HandedOn = handedOn;
        Saw = recordings.ToDictionary(
            recording => recording.Party,
            recording => rows.Where(row => row.Party == recording.Party).Aggregate(handedOn.GetValueOrDefault(recording.Party), (saw, row) => saw | row.Saw),
            StringComparer.Ordinal);
    }

    /// <summary>One row per party and peer address.</summary>
    public IReadOnlyList<SawRow> Rows { get; }

    /// <summary>What a party handed on to others in clear, and therefore saw.</summary>
    public IReadOnlyDictionary<string, Secrets> HandedOn { get; }

    /// <summary>All that a party saw, from whomever, and what it handed on.</summary>
    public IReadOnlyDictionary<string, Secrets> Saw { get; }

    /// <summary>Parties that know who the person is (address or account) and also a token, the question or the answer of this run.</summary>
    public IEnumerable<string> CouldTiePersonToRequest =>
        Saw.Where(party => (party.Value & Secrets.Address) != 0 && (party.Value & (Secrets.Question | Secrets.Answer)) != 0).Select(party => party.Key);

    private static Secrets FoundIn(Record record, SecretPatterns patterns)
    {
        string head = $"{record.Method} {record.Target}\n{string.Join('\n', record.Headers.Select(field => $"{field.Key}: {field.Value}"))}";
        return patterns.FoundIn(Encoding.UTF8.GetBytes(head)) | patterns.FoundIn(record.Request) | patterns.FoundIn(record.Response);
    }
}
