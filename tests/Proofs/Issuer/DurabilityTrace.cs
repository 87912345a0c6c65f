using System.Text.RegularExpressions;

namespace Veil.Proofs.Issuer;

/// <summary>Reads a trace of the issuer's system calls: whether each answer to a redemption left after the log of the spent tokens was on disk.</summary>
public static partial class DurabilityTrace
{
    /// <summary>The command in front of the issuer.</summary>
    public static string[] Tracer(string file) =>
        ["strace", "-f", "-y", "-s", "300", "-e", "trace=fsync,fdatasync,sendmsg,sendto,write,writev", "-o", file];

    /// <summary>Counts answers with a verdict, and those of them that were not preceded by a finished sync of their own.</summary>
    /// <remarks>Holds for calls made one after the other: a sync between two answers then belongs to the second.</remarks>
    public static (int Answers, int Unsynced) Read(IEnumerable<string> lines)
    {
        int answers = 0;
        int unsynced = 0;
        bool synced = false;
        var syncing = new HashSet<string>();
        foreach (string line in lines)
        {
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

    [GeneratedRegex(@"\bf(data)?sync\(\d+<[^>]*spent\.db-wal>")]
    private static partial Regex SyncOfTheLog();

    [GeneratedRegex(@"<\.\.\. f(data)?sync resumed>")]
    private static partial Regex SyncResumed();

    [GeneratedRegex(@"\b(sendmsg|sendto|write|writev)\(.*verdicts")]
    private static partial Regex Answer();
}
