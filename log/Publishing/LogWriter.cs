using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;
using Veil.Transparency;
using Veil.TransparencyLog.Storage;

namespace Veil.TransparencyLog.Publishing;

/// <summary>
/// The one writer of a log: concurrent appends share one write and one wait for the disk; then the checkpoint is signed, witnesses cosign it, it is published, and only then
/// anybody hears that an entry is in.
/// </summary>
internal sealed class LogWriter : BackgroundService
{
    /// <summary>Most entries that share a write: a batch of the largest fits in 16 MiB.</summary>
    private const int MostTogether = 256;

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    /// <summary>How much longer witnesses beyond the threshold are waited for.</summary>
    private static readonly TimeSpan LateWitness = TimeSpan.FromMilliseconds(250);

    private readonly Channel<PendingAppend> _pending = Channel.CreateBounded<PendingAppend>(4096);
    private readonly LogOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<LogWriter> _logger;
    private readonly NoteSigner _key;
    private readonly LogFolder _folder;
    private readonly HttpClient _http;
    private readonly WitnessClient[] _witnesses;
    private volatile byte[] _checkpoint = [];
    private long _published = -1;

    /// <exception cref="StartupException">Key or folder cannot be used.</exception>
    public LogWriter(IOptions<LogOptions> options, TimeProvider time, ILogger<LogWriter> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        _key = NoteKeyFile.Read(_options.KeyFile, NoteKeyType.Ed25519);
        try
        {
            _folder = LogFolder.Open(_options.Folder, _key.VerifierKey, _options.Origin);
        }
        catch (LogFolderException failure)
        {
            _key.Dispose();
            throw new StartupException(failure.Message);
        }

        _http = new HttpClient(OutboundHandler.Create(_options.WitnessTls.ToAuthenticationOptions(), _options.LocalAddress))
        {
            MaxResponseContentBufferSize = WitnessClient.MaxAnswer,
        };
        _witnesses = [.. _options.Witnesses.Select(witness => new WitnessClient(witness, KeyOf(witness), _http))];
        RecoverCheckpoint();
        _logger.Opened(_folder.Tree.Size);
        if (_folder.Torn > 0)
            _logger.TornTail(_folder.Torn);
    }

    /// <summary>The published checkpoint; empty before the first.</summary>
    public ReadOnlyMemory<byte> Checkpoint => _checkpoint;

    /// <summary>True when what is in the log is also published.</summary>
    public bool IsPublished => Volatile.Read(ref _published) == _folder.Tree.Size;

    /// <summary>The folder that is served to everyone.</summary>
    public string PublicFolder => _folder.PublicFolder;

    /// <summary>Adds an entry and waits until it is in, durable and witnessed.</summary>
    public async Task<(AppendOutcome Outcome, long Size, byte[] Checkpoint)> AppendAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        await _pending.Writer.WriteAsync(append, cancellationToken);
        return await append.Result.WaitAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
        _http.Dispose();
        _key.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        TimeSpan retry = TimeSpan.FromSeconds(1);
        while (!stoppingToken.IsCancellationRequested)
        {
            // A checkpoint that is owed, after a crash or without witnesses, is tried again by itself.
            bool isOwed = !IsPublished;
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            if (isOwed)
                waiting.CancelAfter(retry);
            try
            {
                await _pending.Reader.WaitToReadAsync(waiting.Token);
            }
            catch (OperationCanceledException)
            {
                // The service stops, or a checkpoint is owed.
            }

            if (!stoppingToken.IsCancellationRequested)
                await WorkAsync(stoppingToken);
            retry = IsPublished ? TimeSpan.FromSeconds(1) : retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        var batch = new List<PendingAppend>();
        while (batch.Count < MostTogether && _pending.Reader.TryRead(out PendingAppend? append))
            batch.Add(append);

        try
        {
            Store(batch);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.WriteFailed(failure.GetType().Name);
            batch.ForEach(append => append.End(AppendOutcome.NotWritten, _folder.Tree.Size, []));
            return;
        }

        bool published = IsPublished || await PublishAsync(stoppingToken);
        foreach (PendingAppend append in batch.Where(append => append.Place >= 0))
            append.End(published ? AppendOutcome.Done : AppendOutcome.NotWitnessed, _folder.Tree.Size, _checkpoint);
    }

    /// <summary>Gives every entry its place: a new one, or the one where it stands already.</summary>
    private void Store(List<PendingAppend> batch)
    {
        long size = _folder.Tree.Size;
        var added = new List<PendingAppend>();
        foreach (PendingAppend append in batch.OrderBy(append => append.Index))
        {
            long next = size + added.Count;
            if (append.Index == next)
            {
                append.Place = next;
                added.Add(append);
            }
            else if (append.Index < next && EntryAt(append.Index, size, added).Span.SequenceEqual(append.Entry.Span))
            {
                append.Place = append.Index;
            }
            else
            {
                append.End(AppendOutcome.WrongIndex, next, []);
            }
        }

        if (added.Count > 0)
            _folder.Append([.. added.Select(append => append.Entry)]);
    }

    private ReadOnlyMemory<byte> EntryAt(long index, long size, List<PendingAppend> added) => index < size ? _folder.Read(index) : added[(int)(index - size)].Entry;

    private async Task<bool> PublishAsync(CancellationToken stoppingToken)
    {
        long size = _folder.Tree.Size;
        byte[] text = new Checkpoint(_options.Origin, size, _folder.Tree.Root(size)).Write();
        byte[] note = _key.Sign(text);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        deadline.CancelAfter(_options.WitnessTimeout);
        Task<(byte[]? Line, string Reason)>[] asked = [.. _witnesses.Select(witness => witness.CosignAsync(note, _folder.Tree, size, deadline.Token))];
        int cosigned = 0;
        await foreach (Task<(byte[]? Line, string Reason)> answered in Task.WhenEach(asked))
        {
            // Whoever is not needed has a moment more: a slow witness does not hold up every entry.
            if ((await answered).Line is not null && ++cosigned == _options.WitnessThreshold)
                deadline.CancelAfter(LateWitness);
        }

        (byte[]? Line, string Reason)[] answers = await Task.WhenAll(asked);
        for (int i = 0; i < answers.Length; i++)
        {
            if (answers[i].Line is null && !stoppingToken.IsCancellationRequested)
                _logger.WitnessFailed(_witnesses[i].Name, answers[i].Reason);
        }

        byte[][] lines = [.. answers.Select(answer => answer.Line).OfType<byte[]>()];
        if (lines.Length < _options.WitnessThreshold)
        {
            _logger.TooFewWitnesses(lines.Length, _options.WitnessThreshold);
            return false;
        }

        try
        {
            byte[] checkpoint = [.. note, .. lines.SelectMany(line => line)];
            _folder.Publish(checkpoint);
            _checkpoint = checkpoint;
            Volatile.Write(ref _published, size);
            _logger.Published(size, lines.Length);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.WriteFailed(failure.GetType().Name);
            return false;
        }
    }

    /// <summary>What was published before is served again, when it is of this very log; what came after it is owed.</summary>
    private void RecoverCheckpoint()
    {
        var policy = new WitnessPolicy(_options.Origin, _key.VerifierKey, [.. _options.Witnesses.Select(KeyOf)], _options.WitnessThreshold);
        if (_folder.ReadCheckpoint() is not { } note || !policy.TryVerify(note, out WitnessedCheckpoint? known))
            return;
        if (known.Checkpoint.Size > _folder.Tree.Size || !_folder.Tree.Root(known.Checkpoint.Size).AsSpan().SequenceEqual(known.Checkpoint.Root.Span))
        {
            throw new StartupException(
                $"{_options.Folder}: the journal has {_folder.Tree.Size} entries and does not hold what the published checkpoint of {known.Checkpoint.Size} says: restore the folder from a copy; never let this log go on");
        }

        _checkpoint = note;
        _published = known.Checkpoint.Size;
    }

    private static NoteVerifierKey KeyOf(WitnessEndpoint witness) => NoteVerifierKey.TryParse(witness.Key, out NoteVerifierKey? key) ? key : throw new StartupException($"{witness.Key} is no verifier key");
}
