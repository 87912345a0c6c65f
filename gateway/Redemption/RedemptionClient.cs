using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Veil.PrivacyPass;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Redemption;

/// <summary>
/// Spends tokens at the issuer. Tokens of concurrent requests share a call: while one is on the way, the next one fills. A call that fails is repeated with the
/// same ids until each token's deadline; the issuer then gives the verdict that it gave, or would have given, the first time.
/// </summary>
internal sealed class RedemptionClient : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private readonly RedemptionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RedemptionClient> _logger;
    private readonly Channel<PendingRedemption> _waiting;
    private readonly Func<HttpMessageHandler> _handler;

    public RedemptionClient(IOptions<RedemptionOptions> options, TimeProvider time, ILogger<RedemptionClient> logger)
        : this(options, time, logger, () => OutboundHandler.Create(options.Value.Tls.ToAuthenticationOptions(), options.Value.LocalAddress))
    {
    }

    internal RedemptionClient(IOptions<RedemptionOptions> options, TimeProvider time, ILogger<RedemptionClient> logger, Func<HttpMessageHandler> handler)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        _handler = handler;
        _waiting = Channel.CreateBounded<PendingRedemption>(new BoundedChannelOptions(_options.MaxWaiting) { FullMode = BoundedChannelFullMode.Wait });
    }

    /// <summary>Spends one token for one inbound request. Never throws; without an answer in time the verdict is <see cref="RedemptionVerdict.Unavailable"/>.</summary>
    public Task<RedemptionVerdict> RedeemAsync(Token token, RedemptionId id)
    {
        long deadline = _time.GetTimestamp() + (long)(_options.Timeout.TotalSeconds * _time.TimestampFrequency);
        var pending = new PendingRedemption(token, id, deadline);
        if (!_waiting.Writer.TryWrite(pending))
            pending.Decide(RedemptionVerdict.Unavailable);
        return pending.Verdict;
    }

    /// <summary>Ends the calls; whoever still waits gets no verdict, even when no call was ever begun.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out PendingRedemption? left))
            left.Decide(RedemptionVerdict.Unavailable);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_options.Endpoint is null)
        {
            _waiting.Writer.TryComplete();
            return;
        }

        using var http = new HttpMessageInvoker(_handler());
        AuthenticationHeaderValue? secret = ReadSecret();
        await Task.WhenAll(Enumerable.Range(0, _options.Lanes).Select(_ => SendBatchesAsync(http, secret, stoppingToken)));
    }

    private AuthenticationHeaderValue? ReadSecret() =>
        _options.SecretFile is { } file ? new AuthenticationHeaderValue("Bearer", File.ReadAllText(file).Trim()) : null;

    private async Task SendBatchesAsync(HttpMessageInvoker http, AuthenticationHeaderValue? secret, CancellationToken stop)
    {
        var batch = new List<PendingRedemption>(_options.BatchSize);
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stop))
            {
                while (batch.Count < _options.BatchSize && _waiting.Reader.TryRead(out PendingRedemption? pending))
                    batch.Add(pending);
                await DecideAsync(http, secret, batch, stop);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            batch.ForEach(pending => pending.Decide(RedemptionVerdict.Unavailable));
        }
    }

    private async Task DecideAsync(HttpMessageInvoker http, AuthenticationHeaderValue? secret, List<PendingRedemption> batch, CancellationToken stop)
    {
        TimeSpan pause = FirstPause;
        DropOverdue(batch);
        while (batch.Count > 0)
        {
            if (await CallAsync(http, secret, batch, stop) is { } verdicts)
            {
                for (int i = 0; i < verdicts.Length; i++)
                    batch[i].Decide(verdicts[i]);
                return;
            }

            // Gateways that failed together do not come back together.
            await Task.Delay(pause * (0.5 + RandomNumberGenerator.GetInt32(1000) / 1000.0), _time, stop);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            DropOverdue(batch);
        }
    }

    private void DropOverdue(List<PendingRedemption> batch)
    {
        long now = _time.GetTimestamp();
        foreach (PendingRedemption overdue in batch.Where(pending => pending.Deadline <= now))
            overdue.Decide(RedemptionVerdict.Unavailable);
        batch.RemoveAll(pending => pending.Deadline <= now);
    }

    /// <summary>One call; null when it gave no verdicts, for whatever reason.</summary>
    private async Task<RedemptionVerdict[]?> CallAsync(HttpMessageInvoker http, AuthenticationHeaderValue? secret, List<PendingRedemption> batch, CancellationToken stop)
    {
        TimeSpan left = _time.GetElapsedTime(_time.GetTimestamp(), batch.Max(pending => pending.Deadline));
        using var timeout = new CancellationTokenSource(left < _options.CallTimeout ? left : _options.CallTimeout, _time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _options.Endpoint) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
            request.Headers.Authorization = secret;
            request.Content = new ByteArrayContent(RedemptionMessage.Write(batch)) { Headers = { ContentType = new("application/json") } };
            using HttpResponseMessage answer = await http.SendAsync(request, deadline.Token);
            if (answer.StatusCode is not HttpStatusCode.OK)
            {
                _logger.RedemptionCallFailed($"status {(int)answer.StatusCode}");
                return null;
            }

            await answer.Content.LoadIntoBufferAsync(RedemptionMessage.MaxAnswerBytes, deadline.Token);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(deadline.Token);
            if (RedemptionMessage.TryRead(body, batch.Count, out RedemptionVerdict[]? verdicts))
                return verdicts;
            _logger.RedemptionCallFailed("an answer that is no list of verdicts");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            _logger.RedemptionCallFailed(failure.GetType().Name);
        }

        return null;
    }
}
