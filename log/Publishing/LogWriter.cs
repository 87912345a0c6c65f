using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;
using Veil.Transparency;
using Veil.TransparencyLog.Storage;

namespace Veil.TransparencyLog.Publishing;

/// <summary>
/// The one writer of a log, in stages that run side by side. The first gives entries their places and makes them durable: concurrent appends share one write and one wait for
/// the disk. The second publishes a witnessed checkpoint over all that is durable by then, and only then anybody hears that an entry is in. The last copies that into plain files.
/// </summary>
internal sealed class LogWriter : BackgroundService
{
    /// <summary>Most entries that share a write: a batch of the largest fits in 16 MiB.</summary>
    private const int MostTogether = 256;

    /// <summary>Most entries that wait before each stage: beyond them publishers wait for room. A few batches, and memory for the largest stays below 256 MiB.</summary>
    private const int MostWaiting = 2048;

    /// <summary>Most batches that are durable and not published.</summary>
    private const int MostDurable = MostWaiting / MostTogether;

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly Channel<PendingAppend> _pending = Channel.CreateBounded<PendingAppend>(MostWaiting);
    private readonly Channel<Batch> _durable = Channel.CreateBounded<Batch>(new BoundedChannelOptions(MostDurable) { SingleReader = true, SingleWriter = true });
    private readonly ILogger<LogWriter> _logger;
    private readonly NoteSigner _key;
    private readonly LogFolder _folder;
    private readonly CheckpointPublisher _publisher;
    private readonly StaticCopy _copy;

    /// <exception cref="StartupException">Key or folder cannot be used.</exception>
    public LogWriter(IOptions<LogOptions> options, ILogger<LogWriter> logger)
    {
        _logger = logger;
        _key = NoteKeyFile.Read(options.Value.KeyFile, NoteKeyType.Ed25519);
        try
        {
            _folder = LogFolder.Open(options.Value.Folder, _key.VerifierKey, options.Value.Origin);
        }
        catch (LogFolderException failure)
        {
            _key.Dispose();
            throw new StartupException(failure.Message);
        }

        _publisher = new CheckpointPublisher(options.Value, _folder, _key, logger);
        _copy = new StaticCopy(options.Value.Folder, _folder, logger);
        if (_publisher.Size >= 0)
            _copy.Follow(_publisher.Size, _publisher.Checkpoint);
        _logger.Opened(_folder.Tree.Size);
        if (_folder.Torn > 0)
            _logger.TornTail(_folder.Torn);
    }

    /// <summary>The published checkpoint; empty before the first.</summary>
    public ReadOnlyMemory<byte> Checkpoint => _publisher.Checkpoint;

    /// <summary>True when what is in the log is also published.</summary>
    public bool IsPublished => _publisher.Size == _folder.Count;

    /// <summary>False once the disk refused entries: whoever restarts programs that are not ready mends it.</summary>
    public bool IsWritable => _folder.IsWritable;

    /// <summary>A tile of what is published; null where there is none.</summary>
    public byte[]? Read(TilePath tile) => _folder.Read(tile, Math.Max(0, _publisher.Size));

    /// <summary>Adds an entry and waits until it is in, durable and witnessed.</summary>
    public async Task<(AppendOutcome Outcome, long Size, byte[] Checkpoint)> AppendAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        await _pending.Writer.WriteAsync(append, cancellationToken);
        return await append.Result.WaitAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _publisher.Dispose();
        _folder.Dispose();
        _key.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task[] stages = [.. new Func<CancellationToken, Task>[] { StoreAsync, PublishAsync, _copy.RunAsync }.Select(stage => Task.Run(() => stage(stop.Token), CancellationToken.None))];

        // None goes on without the others: a stage that fails ends the program.
        await Task.WhenAny(stages);
        await stop.CancelAsync();
        await Task.WhenAll(stages);
    }

    private async Task StoreAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _pending.Reader.WaitToReadAsync(stoppingToken))
            {
                var taken = new List<PendingAppend>();
                while (taken.Count < MostTogether && _pending.Reader.TryRead(out PendingAppend? append))
                    taken.Add(append);
                if (TryStore(taken) is { } batch)
                    await _durable.Writer.WriteAsync(batch, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops: what nobody heard of yet is asked for again.
        }
    }

    private Batch? TryStore(List<PendingAppend> taken)
    {
        try
        {
            return Store(taken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.WriteFailed(failure.GetType().Name);
            foreach (PendingAppend append in taken)
                append.End(AppendOutcome.NotWritten, _folder.Count, []);
            return null;
        }
    }

    /// <summary>Gives every entry its place, a new one or the one where it stands already, and makes the new ones durable.</summary>
    private Batch Store(List<PendingAppend> taken)
    {
        var batch = new Batch([], []);
        long size = _folder.Count;
        foreach (PendingAppend append in taken.OrderBy(append => append.Index))
        {
            long next = size + batch.Added.Count;
            bool isNew = append.Index == next;
            if (isNew)
                batch.Added.Add(append.Entry);
            if (isNew || (append.Index < next && EntryAt(append.Index, size, batch.Added).Span.SequenceEqual(append.Entry.Content.Span)))
                batch.Placed.Add(append);
            else
                append.End(AppendOutcome.WrongIndex, next, []);
        }

        if (batch.Added.Count > 0)
            _folder.Append(batch.Added);
        return batch;
    }

    private ReadOnlyMemory<byte> EntryAt(long index, long size, List<LogEntry> added) => index < size ? _folder.Read(index) : added[(int)(index - size)].Content;

    private async Task PublishAsync(CancellationToken stoppingToken)
    {
        var waiting = new List<PendingAppend>();
        TimeSpan retry = TimeSpan.FromSeconds(1);
        while (!stoppingToken.IsCancellationRequested)
        {
            await WaitForWorkAsync(retry, stoppingToken);
            while (_durable.Reader.TryRead(out Batch? batch))
            {
                waiting.AddRange(batch.Placed);
                foreach (LogEntry entry in batch.Added)
                    _folder.Tree.Append(entry.LeafHash);
            }

            // The tree is what this stage has taken: no more than is durable, and all that waits here.
            long size = _folder.Tree.Size;
            bool isPublished = _publisher.Size == size;
            if (!isPublished && !stoppingToken.IsCancellationRequested && await _publisher.PublishAsync(size, stoppingToken))
            {
                isPublished = true;
                _copy.Follow(size, _publisher.Checkpoint);
            }

            foreach (PendingAppend append in waiting)
                append.End(isPublished ? AppendOutcome.Done : AppendOutcome.NotWitnessed, size, _publisher.Checkpoint);
            waiting.Clear();
            retry = isPublished ? TimeSpan.FromSeconds(1) : retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
        }
    }

    /// <summary>Returns when an entry waits, when a checkpoint that is owed, after a crash or without witnesses, is to be tried again, or when the service stops.</summary>
    private async Task WaitForWorkAsync(TimeSpan retry, CancellationToken stoppingToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        if (!IsPublished)
            waiting.CancelAfter(retry);
        try
        {
            await _durable.Reader.WaitToReadAsync(waiting.Token);
        }
        catch (OperationCanceledException)
        {
            // As the summary says.
        }
    }

    /// <summary>Entries that were made durable together, and everybody who waits for one, or for one that stood there before.</summary>
    private sealed record Batch(List<LogEntry> Added, List<PendingAppend> Placed);
}
