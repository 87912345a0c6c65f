using System.Collections.Concurrent;

namespace Veil.Proofs.Evidence;

/// <summary>
/// Turns every bit of every part of real pieces of evidence, one at a time, and cuts every part to every shorter length. Shown when each is refused, but for turned
/// bits in the committed table of byte ranges, and, in full, when the table names no range in which nothing is accepted. A test turns and cuts a sample.
/// </summary>
public sealed class EvidenceFlipsProof : IProof
{
    private const int MostNamed = 20;

    /// <summary>SEV-SNP, TDX, NVIDIA.</summary>
    private const int Kinds = 3;

    /// <inheritdoc/>
    public string Name => "evidence-flips";

    /// <inheritdoc/>
    public string Description => "no turned bit and no cut of real evidence or its endorsements is accepted, but for a committed table with reasons";

    /// <inheritdoc/>
    public int Minutes => 10;

    /// <inheritdoc/>
    public Task<ProofResult> RunAsync(ProofContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (EvidenceFolder.Unavailable is { } unavailable)
            throw new InvalidOperationException(unavailable);

        FlipSubject[] subjects = [.. SnpFlipSubjects.Read(), .. TdxFlipSubjects.Read(), .. GpuFlipSubjects.Read()];
        string[] kinds = [.. subjects.Select(subject => subject.Kind).Distinct()];
        string[] misjudged = [.. subjects.Where(subject => subject.Accepts(subject.Bytes) != subject.IsValid).Select(subject => $"{subject.Piece} {subject.Part}")];
        var unexplained = new ConcurrentBag<string>();
        var used = new ConcurrentDictionary<AcceptedFlip, bool>();
        long flips = 0;
        long cuts = 0;
        foreach (FlipSubject subject in subjects)
        {
            int[] bits = Sample(8 * subject.Bytes.Length, 60, context);
            int[] lengths = Sample(subject.Bytes.Length, 20, context);
            var options = new ParallelOptions { CancellationToken = context.Cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
            Parallel.ForEach(bits, options, bit =>
            {
                byte[] flipped = [.. subject.Bytes];
                flipped[bit / 8] ^= (byte)(1 << (bit % 8));
                if (!subject.Accepts(flipped))
                    return;
                if (AcceptedFlip.Table.FirstOrDefault(range => range.Covers(subject, bit / 8)) is { } allowed)
                    used[allowed] = true;
                else
                    unexplained.Add($"{subject.Piece} {subject.Part} bit {bit % 8} of byte {bit / 8}");
            });
            Parallel.ForEach(lengths, options, length =>
            {
                if (subject.Accepts(subject.Bytes[..length]))
                    unexplained.Add($"{subject.Piece} {subject.Part} cut to {length} bytes");
            });
            flips += bits.Length;
            cuts += lengths.Length;
            context.Progress($"{subject.Piece} {subject.Part}: {bits.Length} bits, {lengths.Length} lengths, {unexplained.Count} accepted that may not be");
        }

        string[] unused = context.Full ? [.. AcceptedFlip.Table.Where(range => !used.ContainsKey(range)).Select(range => $"{range.Kind} {range.Part} {range.From} to {range.To}")] : [];
        return Task.FromResult(new ProofResult(
            misjudged.Length == 0 && unexplained.IsEmpty && unused.Length == 0 && kinds.Length == Kinds,
            new Dictionary<string, object> { ["pieces"] = subjects.DistinctBy(subject => subject.Piece).Count(), ["parts"] = subjects.Length, ["bits"] = flips, ["lengths"] = cuts, ["every_bit_and_length"] = context.Full },
            new Dictionary<string, object>
            {
                ["misjudged_as_they_are"] = misjudged,
                ["accepted_without_reason"] = unexplained.Count,
                ["first_of_these"] = unexplained.Order(StringComparer.Ordinal).Take(MostNamed).ToArray(),
                ["ranges_accepted_with_reason"] = used.Count,
                ["ranges_that_nothing_needs"] = unused,
            }));
    }

    /// <summary>All numbers from 0 below a limit, or some of them.</summary>
    private static int[] Sample(int all, int few, ProofContext context) =>
        context.Full ? [.. Enumerable.Range(0, all)] : [.. Enumerable.Range(0, Math.Min(all, few)).Select(_ => context.Random.Next(all))];
}
