using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Veil.PrivacyPass;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Redemption;

/// <summary>
/// Spends tokens at the issuer. Tokens of concurrent requests share a call: while some are on the way, the next one fills. A call that fails is repeated with the
/// same ids until each request's deadline; the issuer then gives the verdicts that it gave, or would have given, the first time. An issuer that refuses this
/// gateway is asked again only after a pause, in which nobody waits.
/// </summary>
internal sealed class RedemptionClient : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private readonly RedemptionOptions _options;
    private readonly TimeProvider _time;
    private readonly RedemptionMetrics _metrics;
    private readonly ILogger<RedemptionClient> _logger;
    private readonly Channel<PendingRedemption> _waiting = Channel.CreateUnbounded<PendingRedemption>();
    private readonly Lock _filling = new();
    private readonly IssuerStanding _issuer;
    private readonly Func<HttpMessageHandler> _handler;

    public RedemptionClient(IOptions<RedemptionOptions> options, TimeProvider time, RedemptionMetrics metrics, ILogger<RedemptionClient> logger)
        : this(options, time, metrics, logger, () => OutboundHandler.Create(options.Value.Tls.ToAuthenticationOptions(), options.Value.LocalAddress))
    {
    }

    internal RedemptionClient(IOptions<RedemptionOptions> options, TimeProvider time, RedemptionMetrics metrics, ILogger<RedemptionClient> logger, Func<HttpMessageHandler> handler)
    {
        _options = options.Value;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _handler = handler;
        _issuer = new(_options, time);
    }

    /// <summary>
    /// Spends the tokens of one inbound request, in one call. Never throws; without an answer in time the verdict is <see cref="RedemptionVerdict.Unavailable"/>,
    /// and when the issuer refuses one token it is the first refusal: the tokens that it accepted are spent all the same.
    /// </summary>
    public Task<RedemptionVerdict> RedeemAsync(IReadOnlyList<Token> tokens, RedemptionId id)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Count);
        long now = _time.GetTimestamp();
        var pending = new PendingRedemption(tokens, id, now, now + (long)(_options.Timeout.TotalSeconds * _time.TimestampFrequency));
        if (_metrics.Begun(tokens.Count) > _options.MaxWaiting || !_waiting.Writer.TryWrite(pending))
            GiveUp(pending);
        return pending.Verdict;
    }

    /// <summary>Ends the calls; whoever still waits gets no verdict, even when no call was ever begun.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out PendingRedemption? left))
            GiveUp(left);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_options.Endpoint is null)
        {
            _waiting.Writer.TryComplete();
            return;
        }

        using var http = new HttpMessageInvoker(_handler());
        await Task.WhenAll(Enumerable.Range(0, _options.Lanes).Select(_ => SendBatchesAsync(http, stoppingToken)));
    }

    private async Task SendBatchesAsync(HttpMessageInvoker http, CancellationToken stop)
    {
        var batch = new RedemptionBatch(_options.BatchSize);
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stop))
            {
                await DecideAsync(http, batch, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The gateway stops.
        }
        finally
        {
            // Whatever ends a lane, nobody waits for it in vain.
            batch.TakeAll().ForEach(GiveUp);
        }
    }

    /// <summary>Fills a batch and calls until all that was ever in it is decided. Whoever comes between two attempts rides along, so that no failure holds up the others.</summary>
    private async Task DecideAsync(HttpMessageInvoker http, RedemptionBatch batch, CancellationToken stop)
    {
        TimeSpan pause = FirstPause;
        while (true)
        {
            FillInTime(batch);
            if (_issuer.IsRefused)
                batch.TakeAll().ForEach(GiveUp);
            if (batch.IsEmpty)
                return;
            if (_issuer.Pause is { Ticks: > 0 } asked)
            {
                // Whoever cannot outwait it is told at once.
                batch.TakeOverdue(_time.GetTimestamp() + (long)(asked.TotalSeconds * _time.TimestampFrequency)).ForEach(GiveUp);
                await Task.Delay(asked < LongestPause ? asked : LongestPause, _time, stop);
                continue;
            }

            if (await CallAsync(http, batch, stop) is { } verdicts)
            {
                Decide(batch, verdicts);
                return;
            }

            // Gateways that failed together do not come back together.
            await Task.Delay(pause * (0.5 + RandomNumberGenerator.GetInt32(1000) / 1000.0), _time, stop);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Fills the batch with those that are still waited for.</summary>
    private void FillInTime(RedemptionBatch batch)
    {
        List<PendingRedemption> overdue;
        do
        {
            lock (_filling)
            {
                batch.Fill(_waiting.Reader);
            }

            overdue = batch.TakeOverdue(_time.GetTimestamp());
            overdue.ForEach(GiveUp);
        }
        while (overdue.Count > 0);
    }

    private void Decide(RedemptionBatch batch, ReadOnlySpan<RedemptionVerdict> verdicts)
    {
        foreach (PendingRedemption pending in batch.TakeAll())
        {
            ReadOnlySpan<RedemptionVerdict> own = verdicts[..pending.Tokens.Count];
            verdicts = verdicts[pending.Tokens.Count..];
            _metrics.Decided(own, _time.GetElapsedTime(pending.Begun));
            pending.Decide(own);
        }
    }

    private void GiveUp(PendingRedemption pending)
    {
        _metrics.GivenUp(pending.Tokens.Count, _time.GetElapsedTime(pending.Begun));
        pending.GiveUp();
    }

    /// <summary>One call; null when it gave no verdicts, for whatever reason.</summary>
    private async Task<RedemptionVerdict[]?> CallAsync(HttpMessageInvoker http, RedemptionBatch batch, CancellationToken stop)
    {
        TimeSpan left = _time.GetElapsedTime(_time.GetTimestamp(), batch.LastDeadline);
        if (left <= TimeSpan.Zero)
            return null;
        using var timeout = new CancellationTokenSource(left < _options.CallTimeout ? left : _options.CallTimeout, _time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        RedemptionVerdict[]? verdicts = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _options.Endpoint) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
            request.Headers.Authorization = ReadSecret();
            request.Content = new ByteArrayContent(RedemptionMessage.Write(batch.All)) { Headers = { ContentType = new("application/json") } };
            using HttpResponseMessage answer = await http.SendAsync(request, deadline.Token);
            if (answer.StatusCode is not HttpStatusCode.OK)
            {
                TakeRefusal(answer);
                return null;
            }

            await answer.Content.LoadIntoBufferAsync(RedemptionMessage.MaxAnswerBytes, deadline.Token);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(deadline.Token);
            if (!RedemptionMessage.TryRead(body, batch.TokenCount, out verdicts))
                _logger.RedemptionCallFailed("an answer that is no list of verdicts");
            else if (_issuer.Answered())
                _logger.RedemptionAccepted();
        }
        catch (Exception failure) when (failure is InvalidDataException or UnauthorizedAccessException or FileNotFoundException)
        {
            _logger.RedemptionCallFailed($"Redemption:SecretFile cannot be used, {failure.GetType().Name}");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            _logger.RedemptionCallFailed(failure.GetType().Name);
        }
        finally
        {
            _metrics.Called(verdicts is not null);
        }

        return verdicts;
    }

    private void TakeRefusal(HttpResponseMessage answer)
    {
        if (!IssuerStanding.IsRefusal(answer.StatusCode))
        {
            _issuer.Postponed(answer.Headers.RetryAfter);
            _logger.RedemptionCallFailed($"status {(int)answer.StatusCode}");
        }
        else if (_issuer.Refused(answer.StatusCode))
        {
            _logger.RedemptionRefused((int)answer.StatusCode, Blame(answer.StatusCode));
        }
    }

    /// <summary>Where to look when the issuer refuses.</summary>
    private static string Blame(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "Redemption:SecretFile or Redemption:Tls:ClientCertificateFile is not what the issuer knows this gateway by",
        HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => "Redemption:Endpoint is not the issuer's redemption endpoint",
        HttpStatusCode.UnsupportedMediaType => "Redemption:Endpoint takes another media type than this gateway's: it is something else, or another version",
        HttpStatusCode.RequestEntityTooLarge => "Redemption:BatchSize is more than the issuer takes in one call",
        _ => "the issuer and this gateway do not understand each other",
    };

    /// <summary>Read for each call: a secret that is replaced needs no restart, and a call is far dearer.</summary>
    private AuthenticationHeaderValue? ReadSecret() =>
        _options.SecretFile is { } file ? BearerSecretFile.Read(file) : null;
}
