using System.Diagnostics;
using System.Security.Cryptography;
using Veil.Transparency;
using Veil.TransparencyLog.Storage;

namespace Veil.Bench;

/// <summary>
/// Entries that a log makes durable in a second, in batches as concurrent publishers make them, with the tiles that everyone reads. Baseline: a file that gets the same bytes in
/// the same batches, each with its own fsync. Beside it, the price of a published checkpoint, and what a client pays to verify one proof.
/// </summary>
internal sealed class LogBench : IBench
{
    private const int EntrySize = 600;
    private const int Batch = 256;
    private const int Batches = 80;
    private const int Proofs = 400;

    public string Name => "log";

    public string Description => "entries a log makes durable a second, in batches of 256, and the verification of one proof (about 15 s)";

    public Task<IReadOnlyList<BenchResult>> RunAsync()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("veil-bench-");
        try
        {
            using NoteSigner key = NoteSigner.Generate("bench.example/veil", NoteKeyType.Ed25519);
            using NoteSigner witness = NoteSigner.Generate("witness.example", NoteKeyType.Cosignature);
            ReadOnlyMemory<byte>[][] batches = [.. Enumerable.Range(0, Batches + 8).Select(_ => Enumerable.Range(0, Batch).Select(_ => (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(EntrySize)).ToArray())];
            double raw = RawWrites(Path.Combine(folder.FullName, "raw"), batches);
            using LogFolder log = LogFolder.Open(Path.Combine(folder.FullName, "log"), key.VerifierKey, "bench.example/veil");
            double durable = PerSecond(batches, log.Append);
            double publish = Publish(log, key, witness, out byte[] note);
            double verify = Verify(log, new WitnessPolicy("bench.example/veil", key.VerifierKey, [witness.VerifierKey], 1), note);
            return Task.FromResult<IReadOnlyList<BenchResult>>(
            [
                BenchResult.Rate($"entries of {EntrySize} bytes, durable, of write and fsync", durable, "1/s", raw, 0.5),
                BenchResult.Figure("a checkpoint signed and published durably", publish, "us"),
                BenchResult.Figure($"a tlog-proof with one witness, {log.Tree.Size} entries, verified", verify, "us"),
            ]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double RawWrites(string path, ReadOnlyMemory<byte>[][] batches)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        return PerSecond(batches, batch =>
        {
            file.Write([.. batch.SelectMany(entry => entry.ToArray())]);
            file.Flush(flushToDisk: true);
        });
    }

    /// <summary>The first batches warm up.</summary>
    private static double PerSecond(ReadOnlyMemory<byte>[][] batches, Action<ReadOnlyMemory<byte>[]> append)
    {
        int warmup = batches.Length - Batches;
        foreach (ReadOnlyMemory<byte>[] batch in batches[..warmup])
            append(batch);
        long started = Stopwatch.GetTimestamp();
        foreach (ReadOnlyMemory<byte>[] batch in batches[warmup..])
            append(batch);
        return Batches * Batch / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Publish(LogFolder log, NoteSigner key, NoteSigner witness, out byte[] note)
    {
        note = [];
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < Batches; i++)
        {
            byte[] text = new Checkpoint("bench.example/veil", log.Tree.Size, log.Tree.Root(log.Tree.Size)).Write();
            note = [.. key.Sign(text), .. witness.CosignatureLine(text, DateTimeOffset.UtcNow)];
            log.Publish(note);
        }

        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / Batches;
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
