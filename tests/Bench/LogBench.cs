using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Veil.Transparency;
using Veil.TransparencyLog;
using Veil.TransparencyLog.Publishing;
using Veil.TransparencyLog.Storage;

namespace Veil.Bench;

/// <summary>
/// Entries that a log's writer acknowledges in a second: durable, under a checkpoint that is published durably. Publishers keep several batches under way, as more of them than
/// one batch takes would. No witness is asked: a checkpoint over all that waits costs each of them one call, however much waits. Baseline: a file that gets the same bytes in the
/// same batches, each with its own fsync. The first round counts for nothing: it runs while code is compiled. Beside it the same until the copy in plain files has followed, and what a client pays to verify one proof.
/// </summary>
internal sealed class LogBench : IBench
{
    private const int EntrySize = 600;
    private const int Batch = 256;
    private const int Batches = 400;
    private const int WarmUp = 40;
    private const int UnderWay = 6;
    private const int Rounds = 5;
    private const int Proofs = 400;
    private const string Origin = "bench.example/veil";

    public string Name => "log";

    public string Description => "entries a log acknowledges a second, of batches of 256 written and synced, and the verification of one proof (about 15 s)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("veil-bench-");
        try
        {
            using NoteSigner key = NoteSigner.Generate(Origin, NoteKeyType.Ed25519);
            NoteKeyFile.Write(Path.Combine(folder.FullName, "log.key"), key);
            ReadOnlyMemory<byte>[][] batches = [.. Enumerable.Range(0, Batches + WarmUp).Select(_ => Enumerable.Range(0, Batch).Select(_ => (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(EntrySize)).ToArray())];
            var rates = new List<(double Raw, double Acknowledged, double Copied)>();
            RawWrites(Path.Combine(folder.FullName, "uncounted"), batches);
            await AppendAsync(folder.FullName, "uncounted-log", batches);
            for (int round = 0; round < Rounds; round++)
            {
                double baseline = RawWrites(Path.Combine(folder.FullName, $"raw{round}"), batches);
                (double answered, double followed) = await AppendAsync(folder.FullName, $"log{round}", batches);
                rates.Add((baseline, answered, followed));
            }

            (double raw, double acknowledged, double copied) = rates.OrderBy(rate => rate.Acknowledged / rate.Raw).ElementAt(Rounds / 2);
            return
            [
                BenchResult.Rate($"entries of {EntrySize} bytes, acknowledged, of write and fsync", acknowledged, "1/s", raw, 0.5),
                BenchResult.Rate("the same, until plain files have them too", copied, "1/s", raw, target: null),
                Verify(Path.Combine(folder.FullName, "log0"), key),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double RawWrites(string path, ReadOnlyMemory<byte>[][] batches)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[][] writes = [.. batches.Select(batch => batch.SelectMany(entry => entry.ToArray()).ToArray())];
        long started = 0;
        for (int i = 0; i < batches.Length; i++)
        {
            if (i == WarmUp)
                started = Stopwatch.GetTimestamp();
            file.Write(writes[i]);
            file.Flush(flushToDisk: true);
        }

        return PerSecond(started);
    }

    private static async Task<(double Acknowledged, double Copied)> AppendAsync(string folder, string name, ReadOnlyMemory<byte>[][] batches)
    {
        var options = new LogOptions { Origin = Origin, KeyFile = Path.Combine(folder, "log.key"), Folder = Path.Combine(folder, name), WitnessThreshold = 0 };
        using var writer = new LogWriter(Options.Create(options), NullLogger<LogWriter>.Instance);
        await writer.StartAsync(CancellationToken.None);
        var underWay = new Queue<Task>();
        long started = 0;
        for (int i = 0; i < batches.Length; i++)
        {
            if (i == WarmUp)
            {
                await Task.WhenAll(underWay);
                underWay.Clear();
                started = Stopwatch.GetTimestamp();
            }

            long first = (long)i * Batch;
            underWay.Enqueue(Task.WhenAll(batches[i].Select((entry, place) => AppendAsync(writer, first + place, entry))));
            if (underWay.Count == UnderWay)
                await underWay.Dequeue();
        }

        await Task.WhenAll(underWay);
        double acknowledged = PerSecond(started);

        // What is owed to the copy is written before the writer has stopped.
        await writer.StopAsync(CancellationToken.None);
        return (acknowledged, PerSecond(started));
    }

    private static async Task AppendAsync(LogWriter writer, long index, ReadOnlyMemory<byte> entry)
    {
        (AppendOutcome outcome, _, _) = await writer.AppendAsync(new PendingAppend(index, new LogEntry(entry)), CancellationToken.None);
        if (outcome is not AppendOutcome.Done)
            throw new BenchException($"An append ended with {outcome}.", null);
    }

    private static double PerSecond(long started) => Batches * Batch / Stopwatch.GetElapsedTime(started).TotalSeconds;

    /// <summary>What one proof under a cosigned checkpoint costs a client.</summary>
    private static BenchResult Verify(string folder, NoteSigner key)
    {
        using LogFolder log = LogFolder.Open(folder, key.VerifierKey, Origin);
        using NoteSigner witness = NoteSigner.Generate("witness.example", NoteKeyType.Cosignature);
        byte[] text = new Checkpoint(Origin, log.Tree.Size, log.Tree.Root(log.Tree.Size)).Write();
        var policy = new WitnessPolicy(Origin, key.VerifierKey, [witness.VerifierKey], 1);
        double verify = Verify(log, policy, [.. key.Sign(text), .. witness.CosignatureLine(text, DateTimeOffset.UtcNow)]);
        return BenchResult.Figure($"a tlog-proof with one witness, {log.Tree.Size} entries, verified", verify, "us");
    }

    private static double Verify(LogFolder log, WitnessPolicy policy, byte[] note)
    {
        (byte[] Leaf, byte[] Proof)[] proofs =
        [
            .. Enumerable.Range(0, Proofs).Select(_ => RandomNumberGenerator.GetInt32((int)log.Tree.Size))
                .Select(index => (log.Tree.Leaf(index).ToArray(), new TlogProof(index, log.Tree.ProveInclusion(index, log.Tree.Size), note).Write())),
        ];
        foreach ((byte[] leaf, byte[] proof) in proofs)
            VerifyOne(policy, leaf, proof);
        long started = Stopwatch.GetTimestamp();
        foreach ((byte[] leaf, byte[] proof) in proofs)
            VerifyOne(policy, leaf, proof);
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / Proofs;
    }

    private static void VerifyOne(WitnessPolicy policy, byte[] leaf, byte[] text)
    {
        if (!TlogProof.TryParse(text, out TlogProof? proof) || !policy.TryVerify(proof.Checkpoint.Span, out WitnessedCheckpoint? witnessed) || !proof.Proves(leaf, witnessed.Checkpoint))
            throw new InvalidOperationException("A proof of this log does not verify.");
    }
}
