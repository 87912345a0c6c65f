using System.Globalization;
using System.Text.RegularExpressions;

namespace Veil.Proofs.Issuer;

/// <summary>
/// Reads a trace of the system calls of the issuer, and of its database server where there is one: whether each answer to a redemption left after the log of the
/// spent tokens was on disk.
/// </summary>
public static partial class DurabilityTrace
{
    /// <summary>The command in front of the issuer; with <c>-p</c> and a process id behind it, what watches a process that runs.</summary>
    public static string[] Tracer(string file) =>
        ["strace", "-f", "-ttt", "-T", "-y", "-s", "300", "-e", "trace=fsync,fdatasync,sendmsg,sendto,write,writev", "-o", file];

    /// <summary>Traces of several programs on one machine as one, in the order in which things were over: a sync when it returned, anything else when it began.</summary>
    public static IEnumerable<string> Merge(params IEnumerable<string>[] traces) => traces
        .SelectMany(lines => lines)
        .Select(line => (Line: line, At: Moment().Match(line)))
        .Where(each => each.At.Success)
        .OrderBy(each => Seconds(each.At.Groups["begun"]) + (SyncOfTheLog().IsMatch(each.Line) ? Seconds(each.At.Groups["took"]) : 0))
        .Select(each => each.Line);

    /// <summary>Counts answers with a verdict, and those of them that were not preceded by a finished sync of their own.</summary>
    /// <remarks>Holds for calls made one after the other: a sync between two answers then belongs to the second.</remarks>
    public static (int Answers, int Unsynced) Read(IEnumerable<string> lines)
    {
        int answers = 0;
        int unsynced = 0;
        bool synced = false;
        var syncing = new HashSet<string>();
        foreach (string timed in lines)
        {
            string line = Duration().Replace(timed, "");
            string thread = line.Split(' ', 2)[0];
            if (SyncOfTheLog().IsMatch(line))
            {
                if (line.Contains("<unfinished", StringComparison.Ordinal))
                    syncing.Add(thread);
                else if (line.EndsWith("= 0", StringComparison.Ordinal))
                    synced = true;
            }
            else if (SyncResumed().IsMatch(line) && syncing.Remove(thread))
            {
                synced |= line.EndsWith("= 0", StringComparison.Ordinal);
            }
            else if (Answer().IsMatch(line))
            {
                answers++;
                unsynced += synced ? 0 : 1;
                synced = false;
            }
        }

        return (answers, unsynced);
    }

    private static decimal Seconds(Group group) => group.Success ? decimal.Parse(group.Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^\d+ +(?<begun>\d+\.\d+) .*?(<(?<took>\d+\.\d+)>)?$")]
    private static partial Regex Moment();

    [GeneratedRegex(@" <\d+\.\d+>$")]
    private static partial Regex Duration();

    [GeneratedRegex(@"\bf(data)?sync\(\d+<[^>]*(spent\.db-wal|/pg_wal/[0-9A-F]+)>")]
    private static partial Regex SyncOfTheLog();

    [GeneratedRegex(@"<\.\.\. f(data)?sync resumed>")]
    private static partial Regex SyncResumed();

    [GeneratedRegex(@"\b(sendmsg|sendto|write|writev)\(.*verdicts")]
    private static partial Regex Answer();
}
