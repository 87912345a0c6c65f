using Microsoft.Extensions.Options;
using Veil.Attestation;
using Veil.Gateway.Hosts;
using Veil.Gateway.Keys;
using Veil.ServiceDefaults;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>
/// Publishes one head an epoch, at the index of the epoch, and serves it once witnesses have cosigned the log that ends with it. An epoch that was missed is filled first, so
/// that index and time never part. Until a head is published the one before is served, which clients take for one epoch more. Of several replicas the holder of the lease
/// publishes, and each of the others serves its head.
/// </summary>
internal sealed class EpochPublisher : BackgroundService
{
    private readonly EpochOptions _options;
    private readonly Promises _promises;
    private readonly EpochShelf _shelf;
    private readonly PublishedLog _log;
    private readonly HostGate _gate;
    private readonly TimeProvider _time;
    private readonly ILogger<EpochPublisher> _logger;
    private readonly TrustBundle? _bundle;
    private readonly NoteSigner? _authority;
    private readonly DocumentStore? _documents;
    private readonly HeadLog? _heads;
    private readonly PublisherLease? _lease;
    private readonly MatureHosts? _mature;
    private readonly EpochAssembly? _assembly;
    private readonly HeadMaker? _maker;
    private readonly WitnessClock? _witnesses;
    private readonly TimeSpan _takeOverAfter;
    private readonly TimeSpan _publishAfter;
    private bool _hasShelvedOlder;
    private long? _filledAt;
    private long? _saidWaitFor;

    /// <exception cref="StartupException">Bundle, key or folder cannot be used.</exception>
    public EpochPublisher(
        IOptions<EpochOptions> options, IOptions<GatewayOptions> gateway, IOptions<OhttpKeyOptions> keys, Promises promises, EpochShelf shelf, PublishedLog log, HostGate gate, TimeProvider time, ILogger<EpochPublisher> logger)
    {
        _options = options.Value;
        (_promises, _shelf, _log, _gate, _time, _logger) = (promises, shelf, log, gate, time, logger);
        if (_options.TrustBundleFile is not { } file)
            return;

        _bundle = ReadBundle(file, gateway.Value.Authority);
        RequireTimes(_bundle.Epochs.Length, keys.Value);
        _authority = ReadKey(_options.AuthorityKeyFile!, _bundle.AuthorityKey);
        _heads = new HeadLog(_options);
        try
        {
            _documents = new DocumentStore(_options.Directory!);
            _mature = new MatureHosts(_bundle, log, time);
            _assembly = new EpochAssembly(_bundle, log, _documents);
            _maker = new HeadMaker(_bundle, promises, log, _documents, _mature, _assembly, _options.ReleasesDirectory!, logger);
            _witnesses = new WitnessClock(_bundle.Epochs, time);
            Directory.CreateDirectory(_options.ReleasesDirectory!);
            _publishAfter = _options.PublishAfter < _bundle.Epochs.Length / 10 ? _options.PublishAfter : _bundle.Epochs.Length / 10;
            _takeOverAfter = _options.TakeOverAfter < _bundle.Epochs.Length / 4 ? _options.TakeOverAfter : _bundle.Epochs.Length / 4;
            _lease = new PublisherLease(_options.Directory!, 2 * _bundle.Epochs.Length, time);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Epochs: {failure.Message}");
        }
    }

    /// <summary>True when an epoch is served, or none is to be.</summary>
    public bool IsReady => _bundle is null || _shelf.Current is not null;

    public override void Dispose()
    {
        base.Dispose();
        _authority?.Dispose();
        _heads?.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_bundle is not { } bundle)
            return;

        DateTimeOffset started = _time.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan pause = _options.RetryAfter;
            try
            {
                DateTimeOffset now = _time.GetUtcNow();
                long epoch = RunningEpoch(bundle);
                bool mayPublish = _promises.AreComplete || (_promises.ArePossible && now - started > _options.WaitForHosts);
                if (epoch >= 0 && mayPublish && await PublishAsync(bundle, epoch, stoppingToken))
                    pause = bundle.Epochs.StartOf(epoch + 1) + _publishAfter - _time.GetUtcNow();
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or InvalidDataException or UnauthorizedAccessException or TaskCanceledException && !stoppingToken.IsCancellationRequested)
            {
                // What is invalid is named by us, what comes from elsewhere by its kind alone.
                _logger.EpochNotPublished(failure is InvalidDataException ? failure.Message : failure.GetType().Name);
            }

            await Task.Delay(pause > TimeSpan.FromMilliseconds(10) ? pause : TimeSpan.FromMilliseconds(10), _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _lease!.Release();
    }

    /// <summary>Serves the head of an epoch, publishing it and those that were missed before; false where it must be tried again.</summary>
    private async Task<bool> PublishAsync(TrustBundle bundle, long epoch, CancellationToken cancellationToken)
    {
        if (_shelf.Current?.Head.Epoch == epoch)
            return true;

        byte[]? checkpoint = await FollowAsync(bundle, cancellationToken);
        if (_log.Size > epoch + 1)
        {
            _logger.EpochNotPublished("the log is ahead of this machine's clock");
            return false;
        }

        // Whatever holds the next head up: until it is there, clients take the one before, unless that fills a pause.
        if (_shelf.Current is null && _filledAt is null && _log.Size == epoch && await TryAssembleKeptAsync(epoch - 1, cancellationToken) is { IsInTime: true } before)
            Serve(before);

        while (_log.Size <= epoch)
        {
            if (!_witnesses!.AllowsNext)
                throw new InvalidDataException("by the log's witnesses the epoch of the next head has not begun: this machine's clock, or theirs, is wrong");
            if (!IsMineToPublish(bundle, epoch))
                return false;

            // Filling a pause takes time, in which another epoch may begin.
            long next = _log.Size;
            epoch = Math.Max(epoch, RunningEpoch(bundle));
            EpochHead? last = next is 0 ? null : _log.Head(next - 1);
            if (next == epoch && await AwaitsHostsAsync(bundle, epoch, cancellationToken))
                return false;
            EpochHead head = next < epoch && last is not null ? last with { Epoch = next } : await _maker!.MakeAsync(next, last?.FleetRoot ?? FleetTree.EmptyRoot, cancellationToken);
            _filledAt = next < epoch ? _time.GetTimestamp() : null;
            byte[] entry = _authority!.Sign([.. head.Write(), (byte)'\n']);
            long asked = _time.GetTimestamp();
            checkpoint = await _heads!.AppendAsync(next, entry, cancellationToken);
            if (checkpoint is null)
            {
                // Another replica was first: its head is the head.
                _logger.EpochNotPublished("another publisher was first");
                return false;
            }

            if (!bundle.Witnessing.TryVerify(checkpoint, out WitnessedCheckpoint? witnessed) || !_log.TryTake([entry], witnessed.Checkpoint, bundle.AuthorityKey))
                throw new InvalidDataException("the log's checkpoint over the new head is not that of the trust bundle, or of another history");
            _witnesses.Cosigned(witnessed, asked);
            await _documents!.KeepCheckpointAsync(next, checkpoint, cancellationToken);
        }

        return checkpoint is not null && await ServeAsync(bundle, epoch, checkpoint, cancellationToken);
    }

    /// <summary>The lease runs into the next epoch, so that its holder is the first to publish there; where it does not, another replica takes over.</summary>
    private bool IsMineToPublish(TrustBundle bundle, long epoch)
    {
        if (!_options.IsPublisher)
            return false;
        bool wasMine = _lease!.IsHeld;
        bool isMine = _lease.TryTake(bundle.Epochs.StartOf(epoch + 1) + _takeOverAfter);
        if (isMine != wasMine)
            _logger.PublisherChanged(isMine ? "this replica" : "another replica");
        return isMine;
    }

    /// <summary>
    /// True for a while after a pause ended, where hosts are missing for the age of their claims alone: those that made them while the log stood still, or before it began, make new ones
    /// when it goes on, and would be missing for a whole epoch. The end of the epoch is left for the head, which has to be public by then.
    /// </summary>
    private async Task<bool> AwaitsHostsAsync(TrustBundle bundle, long epoch, CancellationToken cancellationToken)
    {
        if (_filledAt is not { } filledAt)
            return false;
        TimeSpan longest = _options.WaitForClaims < bundle.Epochs.Length / 2 ? _options.WaitForClaims : bundle.Epochs.Length / 2;
        bool mayWait = _time.GetElapsedTime(filledAt) < longest && _time.GetUtcNow() < bundle.Epochs.StartOf(epoch + 1) - (bundle.Epochs.Length / 5);
        if (!mayWait || !await _maker!.AreSomeTooOldAsync(epoch, cancellationToken))
            return false;
        if (_saidWaitFor != filledAt)
            _logger.EpochNotPublished("after a pause it waits for hosts to name a younger checkpoint of the log");
        _saidWaitFor = filledAt;
        return true;
    }

    /// <summary>The epoch whose head is to be served now.</summary>
    private long RunningEpoch(TrustBundle bundle) => bundle.Epochs.At(_time.GetUtcNow() - _publishAfter);

    /// <summary>Reads what the log has and this gateway has not seen.</summary>
    private async Task<byte[]?> FollowAsync(TrustBundle bundle, CancellationToken cancellationToken)
    {
        if (await _heads!.ReadCheckpointAsync(cancellationToken) is not { } note)
            return null;
        if (!bundle.Witnessing.TryVerify(note, out WitnessedCheckpoint? witnessed))
            throw new InvalidDataException("the log's checkpoint is not that of the trust bundle");
        if (!_log.TryTake(await _heads.ReadEntriesAsync(_log.Size, witnessed.Checkpoint.Size, cancellationToken), witnessed.Checkpoint, bundle.AuthorityKey))
            throw new InvalidDataException("the log is not the one that this gateway has followed");
        if (_options.IsPublisher && witnessed.Checkpoint.Size > 0)
            await _documents!.KeepCheckpointAsync(witnessed.Checkpoint.Size - 1, note, cancellationToken);
        _witnesses!.Saw(witnessed);

        // A head that witnesses saw after its epoch fills a pause, whichever replica added it.
        if (witnessed.Checkpoint.Size > 0 && bundle.Epochs.At(witnessed.WitnessedAt) >= witnessed.Checkpoint.Size)
            _filledAt ??= _time.GetTimestamp();
        return note;
    }

    private async Task<bool> ServeAsync(TrustBundle bundle, long epoch, byte[] checkpoint, CancellationToken cancellationToken)
    {
        AssembledEpoch made = await _assembly!.AssembleAsync(epoch, checkpoint, cancellationToken);
        if (made.IsInTime)
        {
            Serve(made);
        }
        else
        {
            // Clients refuse this one. They take the one before for this epoch too.
            _logger.PublishedLate(epoch);
            if (_shelf.Current?.Head.Epoch != epoch - 1)
                Serve(await TryAssembleKeptAsync(epoch - 1, cancellationToken) is { IsInTime: true } before ? before : made);
        }

        await ShelveOlderAsync(epoch, cancellationToken);

        // By the witnesses' time: a clock that is far ahead loses no document.
        _documents!.Forget(made.WitnessedAt - bundle.ReleaseMaturity - (4 * bundle.Epochs.Length) - TimeSpan.FromDays(1));
        return true;
    }

    private void Serve(AssembledEpoch made)
    {
        HostRule rule = _mature!.Rule(made.Present, made.Mature);
        _gate.Set(host => rule.Accepts(host, DateTimeOffset.MinValue));
        _shelf.Put(made.Published);
        _logger.EpochPublished(made.Published.Head.Epoch, made.Published.Head.FleetTotal);
    }

    /// <summary>Once after a start: clients that took their view before it go on for that epoch and the next, and draw hosts of it.</summary>
    private async Task ShelveOlderAsync(long epoch, CancellationToken cancellationToken)
    {
        if (_hasShelvedOlder)
            return;
        for (long older = epoch - 1; older > epoch - EpochShelf.Kept; older--)
        {
            if (_shelf.Find(older) is null && await TryAssembleKeptAsync(older, cancellationToken) is { } kept)
                _shelf.Put(kept.Published);
        }

        _hasShelvedOlder = true;
    }

    /// <summary>An epoch whose checkpoint and documents are still here; null where they are not, as for one that fills a pause.</summary>
    private async Task<AssembledEpoch?> TryAssembleKeptAsync(long epoch, CancellationToken cancellationToken)
    {
        try
        {
            return epoch >= 0 && await _documents!.FindCheckpointAsync(epoch, cancellationToken) is { } checkpoint ? await _assembly!.AssembleAsync(epoch, checkpoint, cancellationToken) : null;
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            _logger.OlderEpochNotServed(epoch);
            return null;
        }
    }

    private static TrustBundle ReadBundle(string file, string authority)
    {
        if (!TrustBundle.TryParse(File.ReadAllBytes(file), out TrustBundle? bundle, out string problem))
            throw new StartupException($"{file} (Epochs:TrustBundleFile): {problem}");
        return bundle.Authority == authority ? bundle : throw new StartupException($"{file} (Epochs:TrustBundleFile) is the bundle of {bundle.Authority}, and this gateway's authority is {authority}");
    }

    private static NoteSigner ReadKey(string file, NoteVerifierKey expected)
    {
        if (!NoteSigner.TryParse(File.ReadAllText(file).Trim(), out NoteSigner? signer))
            throw new StartupException($"{file} (Epochs:AuthorityKeyFile) holds no signing key; \"veil-log key\" makes one");
        if (signer.VerifierKey.ToString() == expected.ToString())
            return signer;
        signer.Dispose();
        throw new StartupException($"{file} (Epochs:AuthorityKeyFile) is not the key of the trust bundle's authority");
    }

    /// <summary>A key is in a head before it is used, and accepted for as long as a head that names it stands.</summary>
    private static void RequireTimes(TimeSpan epoch, OhttpKeyOptions keys)
    {
        if (keys.Notice < 2 * epoch)
            throw new StartupException($"Keys:Notice: found {keys.Notice}; allowed: at least {2 * epoch}, two of the trust bundle's epochs, so that a key is in a head before the one that uses it");
        if (keys.Grace < 2 * epoch)
            throw new StartupException($"Keys:Grace: found {keys.Grace}; allowed: at least {2 * epoch}, two of the trust bundle's epochs, for which a head stands");
    }
}
