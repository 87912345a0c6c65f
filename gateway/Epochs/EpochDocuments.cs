using System.Globalization;
using Veil.Bhttp;
using Veil.Gateway.Inner;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>
/// The epochs inside OHTTP: <c>/.well-known/veil/epochs/{n}/documents</c>, <c>/hosts</c> (fleets that are fetched whole), <c>/hosts/{i},{j}</c> (a draw), and
/// <c>/consistency/{old}</c>, the proof that the epoch's log continues the one of <c>old</c> entries.
/// </summary>
internal sealed class EpochDocuments(EpochShelf shelf, PublishedLog log)
{
    private const string Prefix = "/.well-known/veil/epochs/";

    /// <summary>True for paths that can be an epoch's.</summary>
    public static bool IsUnder(string path) => path.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Finds a document by its path; null where there is none.</summary>
    public (string MediaType, ReadOnlyMemory<byte> Bytes)? Find(string path)
    {
        if (!IsUnder(path)
            || path[Prefix.Length..].Split('/') is not [{ } number, { } what, .. { } rest]
            || !TryNumber(number, out long epoch)
            || shelf.Find(epoch) is not { } published)
        {
            return null;
        }

        return (what, rest) switch
        {
            ("documents", []) => (DocumentSet.MediaType, published.Documents),
            ("hosts", []) when published.Fleet.Whole is { } fleet => (DocumentSet.MediaType, fleet),
            ("hosts", [{ } text]) when TryNumbers(text, out IReadOnlyList<long> indices) && published.Fleet.Find(indices) is { } drawn => (DocumentSet.MediaType, drawn),
            ("consistency", [{ } text]) when TryNumber(text, out long old) && old > 0 && old <= epoch + 1 =>
                (ConsistencyProof.MediaType, ConsistencyProof.Encode(log.ProveConsistency(old, epoch + 1))),
            _ => null,
        };
    }

    private static bool TryNumbers(string text, out IReadOnlyList<long> numbers)
    {
        var read = new List<long>();
        numbers = read;
        foreach (string part in text.Split(','))
        {
            if (!TryNumber(part, out long number))
                return false;
            read.Add(number);
        }

        return true;
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && (text.Length is 1 || text[0] is not '0');
}
