using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Veil.PrivacyPass;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Tokens;

/// <summary>Reads the issuer's directory on a schedule and holds its keys.</summary>
internal sealed class IssuerKeys : BackgroundService
{
    /// <summary>A directory is a few kilobytes: longer is a call that is lost, and the next one is due within the minute.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private readonly TokenOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<IssuerKeys> _logger;
    private readonly Meter _meter;
    private volatile IssuerKeySet? _current;
    private TokenType? _typeInForce;

    public IssuerKeys(IOptions<TokenOptions> options, TimeProvider time, IMeterFactory meters, ILogger<IssuerKeys> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        _meter = meters.Create("Veil.Gateway");
        _meter.CreateObservableGauge("veil.gateway.issuer.directory.age", ObserveAge, "s", "Time since the issuer's directory was last read; absent before the first time.");
    }

    /// <summary>The last keys that were read, or null when there are none or they are too old to rely on.</summary>
    public IssuerKeySet? Current => _current is { } set && _time.GetUtcNow() - set.ReadAt <= _options.MaxAge ? set : null;

    /// <summary>True when no issuer is needed, or its keys are known.</summary>
    public bool IsReady => _options.Issuer is null || Current is not null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_options.Issuer is not { } issuer)
            return;

        using var http = new HttpClient(OutboundHandler.Create(_options.Tls.ToAuthenticationOptions(), _options.LocalAddress)) { Timeout = CallTimeout };
        http.MaxResponseContentBufferSize = IssuerDirectory.MaxSize;
        var location = new Uri(issuer, IssuerDirectory.WellKnownPath);
        TimeSpan pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            bool read = await ReadAsync(http, location, stoppingToken);
            NoteType();
            pause = read || pause * 2 > _options.RefreshEvery ? _options.RefreshEvery : pause * 2;
            await Task.Delay(pause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    /// <summary>Says which type is asked for, once a change.</summary>
    private void NoteType()
    {
        if (Current?.TypeInForce(_time.GetUtcNow()) is not { } type || type == _typeInForce)
            return;
        _typeInForce = type;
        _logger.TokenTypeInForce(type.Id);
    }

    private IEnumerable<Measurement<double>> ObserveAge() => _current is { } set ? [new((_time.GetUtcNow() - set.ReadAt).TotalSeconds)] : [];

    private async Task<bool> ReadAsync(HttpClient http, Uri location, CancellationToken cancellationToken)
    {
        try
        {
            byte[] directory = await http.GetByteArrayAsync(location, cancellationToken);
            if (!IssuerKeySet.TryRead(directory, _time.GetUtcNow(), out IssuerKeySet? set))
            {
                _logger.IssuerKeysFailed("not a directory with a key of a known type");
                return false;
            }

            if (_current is null || !_current.Directory.Span.SequenceEqual(directory))
                _logger.IssuerKeysRead(set.Count);
            _current = set;
            return true;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            if (!cancellationToken.IsCancellationRequested)
                _logger.IssuerKeysFailed(failure.GetType().Name);
            return false;
        }
    }
}
