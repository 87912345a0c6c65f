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

    /// <exception cref="StartupException">The folder or a key in it cannot be used, or it is empty and this replica makes none.</exception>
    public OhttpKeys(IOptions<OhttpKeyOptions> options, TimeProvider time, ILogger<OhttpKeys> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        var schedule = new RotationSchedule(new EpochSchedule(DateTimeOffset.UnixEpoch, _options.EpochLength), _options.Notice, _options.Grace);
        try
        {
            _wrappingKey = WrappingKey.From(_options.Store);
            _ring = new(new KeyDirectory(_options.Store.Directory!, Kind, _wrappingKey), schedule, new GatewayKeyFactory((ushort)_options.Kem));
            _ring.Refresh(time.GetUtcNow(), _options.IsWriter);
            if (_ring.Live.Active is null && _options.IsWriter)
            {
                _ring.CreateFirst(time.GetUtcNow());
                _ring.Refresh(time.GetUtcNow());
            }
        }
        catch (KeyStoreException failure)
        {
            throw new StartupException(failure.Message);
        }

        _snapshot = _ring.Live.Active is null
            ? throw new StartupException("Keys:Store:Directory holds no active key, and Keys:IsWriter is false: start the gateway that makes keys first")
            : Take();
    }

    /// <summary>Requests under these keys are opened: announced, active and in grace, so that no replica is ahead of another.</summary>
    public GatewayKeys Accepted => _snapshot.Accepted;

    /// <summary>What clients are told: the active key.</summary>
    public AdvertisedKeys Advertised => _snapshot.Advertised;

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

    /// <summary>Looks at the folder and the clock; the last keys stay in use when that fails.</summary>
    internal void Refresh()
    {
        try
        {
            if (!_ring.Refresh(_time.GetUtcNow(), _options.IsWriter) || _ring.Live.Active is null)
                return;
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
        TimeSpan maxAge = _options.Grace / 2 < TimeSpan.FromHours(1) ? _options.Grace / 2 : TimeSpan.FromHours(1);
        return new(
            new GatewayKeys(live.All.Select(key => key.Key)),
            new AdvertisedKeys(KeyConfig.WriteCollection([live.Active!.Key.Config]), maxAge),
            live.Active.Key.KeyId,
            live.All.Count());
    }

    private void LogKeys() => _logger.KeysChanged(_snapshot.ActiveId, _snapshot.Live);

    private sealed record Snapshot(GatewayKeys Accepted, AdvertisedKeys Advertised, byte ActiveId, int Live);
}
