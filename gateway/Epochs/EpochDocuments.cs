using System.Globalization;
using Veil.Bhttp;
using Veil.Gateway.Inner;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>
/// The epochs inside OHTTP: <c>/.well-known/veil/epochs/{n}/documents</c>, <c>/hosts</c> (fleets that are fetched whole), <c>/hosts/{i}</c>, and
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
            ("hosts", []) when published.WholeFleet is { } fleet => (DocumentSet.MediaType, fleet),
            ("hosts", [{ } text]) when TryNumber(text, out long index) && index < published.Records.Count =>
                (ProvenHost.MediaType, new ProvenHost(published.Fleet.Prove((int)index), published.Records[(int)index]).Encode()),
            ("consistency", [{ } text]) when TryNumber(text, out long old) && old > 0 && old <= epoch + 1 =>
                (ConsistencyProof.MediaType, log.ProveConsistency(old, epoch + 1)),
            _ => null,
        };
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && (text.Length is 1 || text[0] is not '0');
}
