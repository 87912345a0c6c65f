using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Veil.Transparency;

namespace Veil.Proofs.TransparencyLog;

/// <summary>
/// SIGKILL for a log while publishers append, at any moment from its start on, again and again over one folder. In the end every acknowledged entry is there, every proof
/// verifies, and every checkpoint that was ever handed out is of one history. Once, the system calls are traced: each acknowledgement left after its syncs.
/// </summary>
public sealed class LogKillProof : IProof
{
    private const int Publishers = 4;
    private readonly ConcurrentDictionary<long, byte[]> _acknowledged = [];
    private readonly ConcurrentDictionary<string, byte[]> _checkpoints = [];

    /// <summary>Appends that were sent and not answered.</summary>
    private int _underWay;

    /// <summary>Appends that the process which runs now has acknowledged.</summary>
    private int _answered;

    /// <inheritdoc/>
    public string Name => "log-kill";

    /// <inheritdoc/>
    public string Description => "a log killed 1,000 times during appends loses no acknowledged entry and never forks";

    /// <inheritdoc/>
    public int Minutes => 25;

    /// <inheritdoc/>
    public async Task<ProofResult> RunAsync(ProofContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        int kills = context.Size(1000, 30);
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 2);
        await rig.StartWitnessAsync(0);
        await rig.StartWitnessAsync(1);
        int besides = 0;
        for (int whileAppending = 0; whileAppending < kills;)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            LogProgram log = rig.BeginLog();
            if (context.Random.Next(5) is 0)
            {
                // A start reads and repairs: it can be cut short as well.
                await Task.Delay(context.Random.Next(400), context.Cancellation);
                besides++;
            }
            else
            {
                await log.ListensAsync();
                _answered = 0;
                using var stop = new CancellationTokenSource();
                Task[] publishers = [.. Enumerable.Range(0, Publishers).Select(_ => PublishAsync(rig, stop.Token))];
                if (context.Random.Next(4) > 0)
                    await AnyAcknowledgementAsync(context.Cancellation);
                await Task.Delay(context.Random.Next(500), context.Cancellation);
                bool isAppending = Volatile.Read(ref _answered) > 0 && Volatile.Read(ref _underWay) > 0;
                await log.KillAsync();
                await stop.CancelAsync();
                await Task.WhenAll(publishers);
                if (!isAppending)
                    besides++;
                else if (++whileAppending % 50 is 0)
                    context.Progress($"{whileAppending} kills, {_acknowledged.Count} entries acknowledged");
            }

            await rig.KillLogAsync();
        }

        // The last start completes what is owed; then somebody else reads.
        await rig.StartLogAsync();
        long next = _acknowledged.IsEmpty ? 0 : _acknowledged.Keys.Max() + 1;
        for (HttpStatusCode status = HttpStatusCode.Conflict; status is not HttpStatusCode.OK; next++)
            (status, byte[] _) = await AppendAsync(rig, next);
        (long size, int faults) = await VerifyAsync(rig);
        (int answers, int unsynced)? trace = await LogTrace.CanTraceAsync() ? await LogTrace.RunAsync() : null;

        // Where hardly anything was acknowledged, nothing was shown; nor in full without a trace.
        bool isSynced = trace is null ? !context.Full : trace is { answers: LogTrace.Appends, unsynced: 0 };
        bool passed = faults is 0 && _acknowledged.Count >= kills / 2 && isSynced;
        return new ProofResult(
            passed,
            new Dictionary<string, object> { ["kills during appends"] = kills, ["publishers"] = Publishers, ["witnesses"] = 2 },
            new Dictionary<string, object>
            {
                ["killed besides, while starting or before the first acknowledgement"] = besides,
                ["entries"] = size,
                ["acknowledged"] = _acknowledged.Count,
                ["checkpoints handed out"] = _checkpoints.Count,
                ["faults"] = faults,
                ["acknowledgements traced"] = trace?.answers ?? 0,
                ["of them before their syncs"] = trace?.unsynced ?? 0,
            });
    }

    private static byte[] Entry(long index) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"entry {index}"));

    /// <summary>
    /// Waits for an answer of the process that runs now: the first one takes longer than all that follow, and most kills should hit a log in full swing.
    /// </summary>
    private async Task AnyAcknowledgementAsync(CancellationToken cancellation)
    {
        int before = _acknowledged.Count;
        for (int i = 0; i < 1000 && _acknowledged.Count == before; i++)
            await Task.Delay(5, cancellation);
    }

    /// <summary>Appends what comes next until the log is gone; several do so at once and meet at the same places.</summary>
    private async Task PublishAsync(LogRig rig, CancellationToken stop)
    {
        long index = _acknowledged.IsEmpty ? 0 : _acknowledged.Keys.Max() + 1;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                (HttpStatusCode status, byte[] body) = await AppendAsync(rig, index);
                if (status is HttpStatusCode.OK)
                    index++;
                else if (status is HttpStatusCode.Conflict)
                    index = long.Parse(Encoding.ASCII.GetString(body), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
            }
        }
        catch (HttpRequestException)
        {
            // The log was killed: nothing was acknowledged.
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Body)> AppendAsync(LogRig rig, long index)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            (HttpStatusCode status, byte[] body) = await rig.AppendAsync(index, Entry(index));
            if (status is HttpStatusCode.OK)
            {
                _acknowledged[index] = body;
                Interlocked.Increment(ref _answered);
                _checkpoints[Convert.ToBase64String(body)] = body;
            }

            return (status, body);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task<(long Size, int Faults)> VerifyAsync(LogRig rig)
    {
        byte[] note = await rig.Http.GetByteArrayAsync(new Uri(rig.Address, "checkpoint"));
        if (!rig.Policy.TryVerify(note, out WitnessedCheckpoint? last))
            return (0, 1);
        Task<byte[]> Serve(string path) => rig.Http.GetByteArrayAsync(new Uri(rig.Address, path));
        (IReadOnlyList<byte[]> entries, byte[] root) = await NaiveLogReader.ReadAsync(Serve, last.Checkpoint.Size);
        var tree = new GrowingTree();
        foreach (byte[] entry in entries)
            tree.Append(MerkleTree.LeafHash(entry));

        // 1. The tiles are the checkpoint's, served and as plain files, and every place has its one entry.
        int faults = root.AsSpan().SequenceEqual(last.Checkpoint.Root.Span) ? 0 : 1;
        faults += entries.Where((entry, index) => !entry.AsSpan().SequenceEqual(Entry(index))).Count();
        faults += await IsCopiedAsync(rig, note, last.Checkpoint) ? 0 : 1;

        // 2. Every acknowledged entry is in, and was under the checkpoint that acknowledged it.
        foreach ((long index, byte[] checkpoint) in _acknowledged)
        {
            bool holds = rig.Policy.TryVerify(checkpoint, out WitnessedCheckpoint? witnessed) && index < witnessed.Checkpoint.Size && witnessed.Checkpoint.Size <= tree.Size
                && MerkleTree.VerifyInclusion(
                    MerkleTree.LeafHash(Entry(index)), index, witnessed.Checkpoint.Size, tree.ProveInclusion(index, witnessed.Checkpoint.Size), witnessed.Checkpoint.Root.Span);
            faults += holds ? 0 : 1;
        }

        // 3. Every checkpoint that was handed out is of this history.
        foreach (byte[] checkpoint in _checkpoints.Values)
        {
            bool continues = rig.Policy.TryVerify(checkpoint, out WitnessedCheckpoint? witnessed) && witnessed.Checkpoint.Size <= tree.Size
                && MerkleTree.VerifyConsistency(
                    witnessed.Checkpoint.Size, witnessed.Checkpoint.Root.Span, tree.Size, last.Checkpoint.Root.Span, tree.ProveConsistency(witnessed.Checkpoint.Size, tree.Size));
            faults += continues ? 0 : 1;
        }

        return (tree.Size, faults);
    }

    /// <summary>Whether the plain files beside the log are, in a while, the same log for another web server.</summary>
    private static async Task<bool> IsCopiedAsync(LogRig rig, byte[] note, Checkpoint checkpoint)
    {
        string copied = Path.Combine(rig.LogFolder, "public");
        string published = Path.Combine(copied, "checkpoint");
        for (int i = 0; i < 600 && !(File.Exists(published) && (await File.ReadAllBytesAsync(published)).AsSpan().SequenceEqual(note)); i++)
            await Task.Delay(100);
        try
        {
            (_, byte[] root) = await NaiveLogReader.ReadAsync(path => File.ReadAllBytesAsync(Path.Combine(copied, path)), checkpoint.Size);
            return (await File.ReadAllBytesAsync(published)).AsSpan().SequenceEqual(note) && root.AsSpan().SequenceEqual(checkpoint.Root.Span);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            return false;
        }
    }
}
