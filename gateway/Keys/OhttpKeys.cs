using Microsoft.Extensions.Options;
using Veil.KeyLifecycle;
using Veil.KeyStore;
using Veil.Ohttp;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Keys;

/// <summary>
/// The OHTTP keys: which are accepted and which one is advertised. Made, rotated and destroyed by the clock while requests go on; a request works with the set
/// that it found.
/// </summary>
internal sealed class OhttpKeys : BackgroundService
{
    private const string Kind = "gateway OHTTP keys";
    private readonly OhttpKeyOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<OhttpKeys> _logger;
    private readonly WrappingKey _wrappingKey;
    private readonly StoredKeyRing<GatewayKey> _ring;
    private volatile Snapshot _snapshot;

    /// <exception cref="StartupException">The place of the keys or a key in it cannot be used, or it is empty and this replica makes none.</exception>
    public OhttpKeys(IOptions<OhttpKeyOptions> options, TimeProvider time, ILogger<OhttpKeys> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        var schedule = new RotationSchedule(new EpochSchedule(DateTimeOffset.UnixEpoch, _options.EpochLength), _options.Notice, _options.Grace);
        try
        {
            _wrappingKey = WrappingKey.From(_options.Store);
            _ring = new(KeyStorage.Open(_options.Store, Kind, _wrappingKey), schedule, new GatewayKeyFactory((ushort)_options.Kem));
            _ring.Refresh(time.GetUtcNow(), _options.IsWriter);
            if (_ring.Live.Active is null && _options.IsWriter)
            {
                _ring.EnsureFirst(time.GetUtcNow());
                _ring.Refresh(time.GetUtcNow());
            }
        }
        catch (KeyStoreException failure)
        {
            throw new StartupException(failure.Message);
        }

        _snapshot = _ring.Live.Active is null
            ? throw new StartupException($"{_options.Store.Place} (Keys:Store) holds no active key, and Keys:IsWriter is false: start the gateway that makes keys first")
            : Take();
    }

    /// <summary>Requests under these keys are opened: announced, active and in grace, so that no replica is ahead of another.</summary>
    public GatewayKeys Accepted => _snapshot.Accepted;

    /// <summary>What clients are told: the active key and, during the overlap, the one before; null where no key is active.</summary>
    public AdvertisedKeys? Advertised
    {
        get
        {
            Snapshot snapshot = _snapshot;
            return snapshot.Advertised is { } advertised && _time.GetUtcNow() >= snapshot.OverlapEnds ? advertised with { Previous = default } : snapshot.Advertised;
        }
    }

    /// <summary>The document for epoch heads: the active key first, then those that are announced; null where no key is active.</summary>
    public ReadOnlyMemory<byte>? Published => _snapshot.Published;

    public override void Dispose()
    {
        base.Dispose();
        _ring.Dispose();
        _wrappingKey.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogKeys();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(UntilNextLook(), _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested)
                Refresh();
        }
    }

    /// <summary>Looks at the stored keys and the clock; the last keys stay in use when that fails.</summary>
    internal void Refresh()
    {
        try
        {
            if (!_ring.Refresh(_time.GetUtcNow(), _options.IsWriter))
                return;

            // Without an active key too: the ring disposes a key that left it at its next refresh, so no snapshot may outlive that.
            _snapshot = Take();
            LogKeys();
        }
        catch (KeyStoreException failure)
        {
            _logger.KeyRefreshFailed(failure.GetType().Name);
        }
    }

    private TimeSpan UntilNextLook()
    {
        TimeSpan untilChange = _ring.Live.NextChange - _time.GetUtcNow();
        return untilChange < _options.LookEvery ? Max(untilChange, TimeSpan.FromMilliseconds(10)) : _options.LookEvery;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private Snapshot Take()
    {
        LiveKeys<GatewayKey> live = _ring.Live;
        var accepted = new GatewayKeys(live.All.Select(key => key.Key));
        if (live.Active is not { } active)
            return new(accepted, null, DateTimeOffset.MinValue, null, live.All.Count(), null);

        // A cache that heeds this, and another behind it, are both within the overlap.
        TimeSpan maxAge = _options.Overlap / 2;
        ReadOnlyMemory<byte> previous = live.Grace.IsEmpty ? default(ReadOnlyMemory<byte>) : Document(live.Grace[0]);
        return new(accepted, new AdvertisedKeys(Document(active), maxAge, previous), active.Entry.ActiveFrom + _options.Overlap, active.Key.KeyId, live.All.Count(), Document([active, .. live.Announced]));
    }

    private static byte[] Document(params RingKey<GatewayKey>[] keys) => KeyConfig.WriteCollection([.. keys.Select(key => key.Key.Config)]);

    private void LogKeys()
    {
        Snapshot snapshot = _snapshot;
        if (snapshot.ActiveId is { } active)
            _logger.KeysChanged(active, snapshot.Live);
        else
            _logger.NoActiveKey(snapshot.Live);
    }

    private sealed record Snapshot(GatewayKeys Accepted, AdvertisedKeys? Advertised, DateTimeOffset OverlapEnds, byte? ActiveId, int Live, ReadOnlyMemory<byte>? Published);
}
