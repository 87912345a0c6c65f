using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Veil.Relay.Gateways;
using Veil.Relay.Limits;
using Yarp.ReverseProxy.Forwarder;

namespace Veil.Relay.Forwarding;

/// <summary><c>POST /{gateway}</c>: carries a sealed request to its gateway and the sealed answer back.</summary>
internal sealed class RequestEndpoint(IHttpForwarder forwarder, RelayRoom room, RelayMetrics metrics, IOptions<RelayOptions> options)
{
    private readonly ForwarderRequestConfig _http2 = Config(HttpVersion.Version20, options.Value.MaxDuration);
    private readonly ForwarderRequestConfig _http11 = Config(HttpVersion.Version11, options.Value.MaxDuration);
    private readonly RelayOptions _options = options.Value;

    /// <summary>Carries one request.</summary>
    /// <returns>How it ended. When no answer has started the caller writes the problem of that outcome.</returns>
    public async Task<RelayOutcome> CarryAsync(HttpContext context, Gateway gateway)
    {
        if (!room.Exchanges.TryEnter(1))
            return RelayOutcome.Busy;
        metrics.Opened();
        try
        {
            string? mediaType = context.Request.ContentType;
            return MediaTypes.Request.Equals(mediaType, StringComparison.OrdinalIgnoreCase) ? await CarryHeldAsync(context, gateway).ConfigureAwait(false)
                : MediaTypes.ChunkedRequest.Equals(mediaType, StringComparison.OrdinalIgnoreCase) ? await CarryStreamedAsync(context, gateway).ConfigureAwait(false)
                : RelayOutcome.WrongMediaType;
        }
        finally
        {
            metrics.Closed();
            room.Exchanges.Leave(1);
        }
    }

    private async Task<RelayOutcome> CarryHeldAsync(HttpContext context, Gateway gateway)
    {
        if (context.Request.ContentLength > _options.MaxRequestBytes)
            return RelayOutcome.TooLarge;
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        using var held = new HeldRequest(room.HeldBytes);
        if (await ReadAsync(context, held).ConfigureAwait(false) is { } refused)
            return refused;
        using var watch = new IdleWatch(_options.IdleTimeout);
        return await SendAsync(context, gateway, new HeldContent(held), watch).ConfigureAwait(false);
    }

    private async ValueTask<RelayOutcome?> ReadAsync(HttpContext context, HeldRequest held)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(_options.ReadTimeout);
        try
        {
            return await held.ReadAsync(context.Request.Body, _options.MaxRequestBytes, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            return deadline.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested ? RelayOutcome.TooSlow : RelayOutcome.ClientGone;
        }
    }

    private async Task<RelayOutcome> CarryStreamedAsync(HttpContext context, Gateway gateway)
    {
        if (context.Request.ContentLength > _options.MaxChunkedRequestBytes)
            return RelayOutcome.TooLarge;
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = _options.MaxChunkedRequestBytes;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;

        using var watch = new IdleWatch(_options.IdleTimeout);
        using var content = new StreamedContent(context.Request.Body, watch);
        RelayOutcome outcome = await SendAsync(context, gateway, content, watch).ConfigureAwait(false);
        await content.StopAsync().ConfigureAwait(false);
        return content.ClientFailure switch
        {
            null => outcome,
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => RelayOutcome.TooLarge,
            _ => RelayOutcome.ClientGone,
        };
    }

    private async Task<RelayOutcome> SendAsync(HttpContext context, Gateway gateway, HttpContent content, IdleWatch watch)
    {
        // Whatever the forwarder might look at by itself (Upgrade, TE) is gone before it looks. Expect is the server's own business: it answers 100 when the content is read.
        StringValues expect = context.Request.Headers.Expect;
        context.Request.Headers.Clear();
        context.Request.Headers.Expect = expect;
        var exchange = new Exchange(gateway.Url, content, watch);
        ForwarderRequestConfig config = gateway.Version == HttpVersion.Version20 ? _http2 : _http11;
        ForwarderError error = await forwarder.SendAsync(context, gateway.Url.OriginalString, gateway.DrawPool(), config, exchange, watch.Token).ConfigureAwait(false);
        if (error is not ForwarderError.None && context.Response.HasStarted)
            context.Abort();
        return error switch
        {
            ForwarderError.None => exchange.Outcome,
            ForwarderError.RequestTimedOut => RelayOutcome.TimedOut,
            _ when context.RequestAborted.IsCancellationRequested => RelayOutcome.ClientGone,
            _ when watch.Token.IsCancellationRequested => RelayOutcome.TimedOut,
            _ => RelayOutcome.GatewayUnreachable,
        };
    }

    private static ForwarderRequestConfig Config(Version version, TimeSpan time) => new()
    {
        Version = version,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = time,
    };
}
