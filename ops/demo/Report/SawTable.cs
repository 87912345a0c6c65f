using System.Globalization;

namespace Veil.DevStack;

/// <summary>Prints who saw what as an aligned table.</summary>
internal static class SawTable
{
    private static readonly (Secrets Secret, string Title)[] Columns =
    [
        (Secrets.Address, "address"), (Secrets.Account, "account"), (Secrets.Token, "token"), (Secrets.Question, "question"), (Secrets.Answer, "answer"),
    ];

    public static void Write(TextWriter writer, WhoSawWhat saw)
    {
        var lines = new List<string[]> { ([ "party", "asked by", "requests", "bytes in", "bytes out", .. Columns.Select(column => column.Title)]) };
        foreach (SawRow row in saw.Rows)
        {
            lines.Add([
                row.Party,
                row.Peer == "-" ? "nobody" : $"{row.Peer} ({row.PeerName})",
                Number(row.Exchanges),
                Number(row.Received),
                Number(row.Sent),
                .. Columns.Select(column => Mark(row, saw.HandedOn.GetValueOrDefault(row.Party), column.Secret)),
            ]);
        }

        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length))];
        foreach (string[] line in lines)
        {
            writer.WriteLine(string.Join("  ", line.Select((cell, column) => column is >= 2 and <= 4 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private static string Mark(SawRow row, Secrets handedOn, Secrets secret) =>
        (row.Saw & secret) != 0 ? "SEEN" : (handedOn & secret) != 0 ? "handed on" : "-";

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
