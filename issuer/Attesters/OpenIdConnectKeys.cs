using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Veil.Issuer;

/// <summary>
/// The signing keys of one OpenID Connect provider, by discovery. They are fetched at first use, again in the background when they get old, and again when a
/// token names a key that is not among them: one fetch at a time, and never sooner after another than the options say, so that who sends
/// forged tokens cannot drive fetches. Times are taken from the monotonic clock.
/// </summary>
internal sealed class OpenIdConnectKeys : IDisposable
{
    private const string DiscoveryPath = "/.well-known/openid-configuration";

    /// <summary>Providers have two to five; more would only cost memory and searching.</summary>
    private const int MaxKeys = 100;

    /// <summary>After a fetch that failed.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly OpenIdConnectOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<OpenIdConnectKeys> _logger;
    private readonly BoundedDocuments _documents;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private volatile Fetched? _fetched;
    private Task _fetch = Task.CompletedTask;
    private long? _triedAt;
    private volatile bool _failed;

    public OpenIdConnectKeys(OpenIdConnectOptions options, TimeProvider clock, ILogger<OpenIdConnectKeys> logger)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        _documents = new BoundedDocuments(options, clock);
    }

    /// <summary>The key that a token names. A token without <c>kid</c> means the only key that there is.</summary>
    public async ValueTask<KeySearch> FindAsync(string? keyId, string algorithm)
    {
        Fetched? fetched = _fetched;
        if (fetched is null || Age(fetched) > _options.KeepFor)
        {
            await FetchAsync().ConfigureAwait(false);
            fetched = _fetched;
            if (fetched is null || Age(fetched) > _options.KeepFor)
                return new KeySearch(null, IsCertain: false);
        }
        else if (Age(fetched) > _options.RefreshAfter)
        {
            _ = FetchAsync();
        }

        if (Find(fetched.Keys, keyId, algorithm) is { } known)
            return new KeySearch(known, IsCertain: true);
        if (string.IsNullOrEmpty(keyId))
            return new KeySearch(null, IsCertain: true);

        await FetchAsync().ConfigureAwait(false);
        return new KeySearch(Find(_fetched!.Keys, keyId, algorithm), IsCertain: !_failed);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _documents.Dispose();
        _stop.Dispose();
    }

    private static SecurityKey? Find(SigningKey[] keys, string? keyId, string algorithm)
    {
        SigningKey? key = string.IsNullOrEmpty(keyId)
            ? keys.Length == 1 ? keys[0] : null
            : keys.FirstOrDefault(known => known.Id == keyId && (known.Algorithm is null || known.Algorithm == algorithm));
        return key?.Algorithm is null || key.Algorithm == algorithm ? key?.Key : null;
    }

    private TimeSpan Age(Fetched fetched) => _clock.GetElapsedTime(fetched.At);

    /// <summary>Ends with the fetch that is under way, with one that starts now, or at once when it is too early for another.</summary>
    private Task FetchAsync()
    {
        lock (_lock)
        {
            TimeSpan pause = _failed && RetryAfter < _options.RefreshAtMostEvery ? RetryAfter : _options.RefreshAtMostEvery;
            if (_fetch.IsCompleted && (_triedAt is not { } tried || _clock.GetElapsedTime(tried) >= pause))
            {
                _triedAt = _clock.GetTimestamp();
                _fetch = FetchNowAsync(_stop.Token);
            }

            return _fetch;
        }
    }

    private async Task FetchNowAsync(CancellationToken stop)
    {
        string issuer = _options.Issuer!.OriginalString;
        long at = _clock.GetTimestamp();
        try
        {
            // Off the lock of the caller.
            await Task.Yield();
            OpenIdConnectConfiguration provider = await OpenIdConnectConfigurationRetriever.GetAsync(issuer.TrimEnd('/') + DiscoveryPath, _documents, stop).ConfigureAwait(false);
            SigningKey[] keys = [.. (provider.JsonWebKeySet?.Keys ?? []).Take(MaxKeys).Select(SigningKey.From).OfType<SigningKey>()];
            if (provider.Issuer != issuer)
                throw new IOException("the discovery document is another issuer's");
            if (keys.Length == 0)
                throw new IOException("no key that verifies a signature");

            _fetched = new Fetched(keys, at);
            _failed = false;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException or ArgumentException
            or FormatException or NotSupportedException or System.Text.Json.JsonException or SecurityTokenException)
        {
            _failed = true;
            if (!stop.IsCancellationRequested)
                _logger.ProviderKeysNotFetched(e is IOException ? e.InnerException is IOException inner ? inner.Message : e.Message : e.GetType().Name);
        }
    }

    /// <param name="Keys">All that verify.</param>
    /// <param name="At">When they were asked for.</param>
    private sealed record Fetched(SigningKey[] Keys, long At);
}
