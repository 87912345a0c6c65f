using Microsoft.Extensions.Options;
using Veil.PrivacyPass;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Tokens;

/// <summary>Reads the issuer's directory on a schedule and holds its keys.</summary>
internal sealed class IssuerKeys(IOptions<TokenOptions> options, TimeProvider time, ILogger<IssuerKeys> logger) : BackgroundService
{
    /// <summary>A directory is a few kilobytes: longer is a call that is lost, and the next one is due within the minute.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private volatile IssuerKeySet? _current;

    /// <summary>The last keys that were read, or null when there are none or they are too old to rely on.</summary>
    public IssuerKeySet? Current => _current is { } set && time.GetUtcNow() - set.ReadAt <= options.Value.MaxAge ? set : null;

    /// <summary>True when no issuer is needed, or its keys are known.</summary>
    public bool IsReady => options.Value.Issuer is null || Current is not null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Issuer is not { } issuer)
            return;

        using var http = new HttpClient(OutboundHandler.Create(options.Value.Tls.ToAuthenticationOptions(), options.Value.LocalAddress)) { Timeout = CallTimeout };
        http.MaxResponseContentBufferSize = IssuerDirectory.MaxSize;
        var location = new Uri(issuer, IssuerDirectory.WellKnownPath);
        TimeSpan pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            bool read = await ReadAsync(http, location, stoppingToken);
            pause = read || pause * 2 > options.Value.RefreshEvery ? options.Value.RefreshEvery : pause * 2;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> ReadAsync(HttpClient http, Uri location, CancellationToken cancellationToken)
    {
        try
        {
            byte[] directory = await http.GetByteArrayAsync(location, cancellationToken);
            if (!IssuerKeySet.TryRead(directory, (ushort)options.Value.TokenType, time.GetUtcNow(), out IssuerKeySet? set))
            {
                logger.IssuerKeysFailed("not a directory with a key of the wanted type");
                return false;
            }

            if (_current is null || !_current.Directory.Span.SequenceEqual(directory))
                logger.IssuerKeysRead(set.Count);
            _current = set;
            return true;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            if (!cancellationToken.IsCancellationRequested)
                logger.IssuerKeysFailed(failure.GetType().Name);
            return false;
        }
    }
}
