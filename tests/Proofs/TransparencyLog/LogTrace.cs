using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Veil.Proofs.Issuer;

namespace Veil.Proofs.TransparencyLog;

/// <summary>
/// Whether each acknowledgement of a log left after its syncs: of the journal and of the checkpoint, and, before the first, of the folder that has their names. Read from a trace
/// of the log's system calls while entries are appended one after the other.
/// </summary>
public static partial class LogTrace
{
    /// <summary>How many entries are appended.</summary>
    public const int Appends = 20;

    private const string Folder = "log";

    /// <summary>False where strace is not installed, or may not trace.</summary>
    public static Task<bool> CanTraceAsync() => DurabilityTrial.CanTraceAsync();

    /// <summary>Appends while the log is traced. Gives the acknowledgements seen, and those of them that left before a sync of their own.</summary>
    public static async Task<(int Answers, int Unsynced)> RunAsync()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartWitnessAsync(0);
        string trace = Path.Combine(rig.Folder, "trace.txt");
        await rig.StartLogAsync("strace", "-f", "-y", "-s", "300", "-e", "trace=fsync,fdatasync,sendmsg,sendto,write,writev", "-o", trace);
        for (int i = 0; i < Appends; i++)
        {
            (HttpStatusCode status, byte[] _) = await rig.AppendAsync(i, Encoding.ASCII.GetBytes($"traced {i}"));
            if (status is not HttpStatusCode.OK)
                throw new InvalidOperationException($"A traced append ended with {status}.");
        }

        await rig.KillLogAsync();
        return Read(await File.ReadAllLinesAsync(trace));
    }

    /// <summary>Reads a trace in which appends were made one after the other: what was synced between two acknowledgements belongs to the second.</summary>
    public static (int Answers, int Unsynced) Read(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        int answers = 0;
        int unsynced = 0;
        var synced = new HashSet<string>();
        var syncing = new Dictionary<string, string>();
        foreach (string line in lines)
        {
            string thread = line.Split(' ', 2)[0];
            if (Sync().Match(line) is { Success: true } sync)
            {
                if (line.Contains("<unfinished", StringComparison.Ordinal))
                    syncing[thread] = sync.Groups["what"].Value;
                else if (line.EndsWith("= 0", StringComparison.Ordinal))
                    synced.Add(sync.Groups["what"].Value);
            }
            else if (SyncResumed().IsMatch(line) && syncing.Remove(thread, out string? what) && line.EndsWith("= 0", StringComparison.Ordinal))
            {
                synced.Add(what);
            }
            else if (Answer().IsMatch(line))
            {
                answers++;
                unsynced += synced.IsSupersetOf([Folder, "log/journal", "log/checkpoint"]) ? 0 : 1;

                // Both files keep their names: the folder is synced once.
                synced.IntersectWith([Folder]);
            }
        }

        return (answers, unsynced);
    }

    [GeneratedRegex(@"\bf(data)?sync\(\d+<[^>]*/(?<what>log/journal|log/checkpoint|log)>")]
    private static partial Regex Sync();

    [GeneratedRegex(@"<\.\.\. f(data)?sync resumed>")]
    private static partial Regex SyncResumed();

    [GeneratedRegex(@"\b(sendmsg|sendto|write|writev)\(.*HTTP/1\.1 200 OK")]
    private static partial Regex Answer();
}
