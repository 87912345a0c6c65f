using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Veil.Bhttp;
using Veil.Gateway.Inner;
using Veil.Gateway.Keys;
using Veil.Gateway.Replay;
using Veil.Ohttp;

namespace Veil.Gateway.Encapsulation;

/// <summary>One chunked request and its chunked response (draft-ietf-ohai-chunked-ohttp-08): both may be under way at the same time, in constant memory.</summary>
internal sealed class ChunkedExchange(IOptions<GatewayOptions> options, OhttpKeys keys, ReplayWindow window, InnerPipeline pipeline)
{
    private readonly GatewayOptions _options = options.Value;
    private readonly ChunkLimits _limits = new() { MaxMessageSize = options.Value.MaxChunkedRequestBytes };

    /// <summary>Takes the request of <paramref name="context"/> and answers it, unless it is refused before a chunk is opened.</summary>
    public async ValueTask<Refusal> HandleAsync(HttpContext context)
    {
        LiftWholeBodyLimits(context);
        using var opener = new ChunkedRequestOpener(keys.Accepted, _limits);
        using var content = new ChunkedContent(context.Request.BodyReader, opener);
        (RequestHead? head, Refusal refusal) = await ReadHeadAsync(content, context.RequestAborted);
        if (!opener.HasOpened)
            return refusal;

        using ChunkedResponseSealer sealer = opener.CreateResponseSealer();
        var answer = new ChunkedAnswer(context.Response, sealer);
        Refusal replay = window.Remember(opener.Enc.Span);
        refusal = replay is Refusal.None ? refusal : replay;
        try
        {
            if (refusal is Refusal.None)
                refusal = await pipeline.AnswerAsync(new InnerRequest(head!, content), answer, context.RequestAborted);
            else if (refusal is not Refusal.RequestAborted)
                await pipeline.RefuseAsync(answer, refusal, context.RequestAborted);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            refusal = Refusal.RequestAborted;
        }

        // Without its final chunk the answer is an error at the client, and the connection's end says the same.
        if (!answer.IsComplete)
            context.Abort();
        return refusal;
    }

    private async ValueTask<(RequestHead? Head, Refusal Refusal)> ReadHeadAsync(ChunkedContent content, CancellationToken aborted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(_options.RequestHeadTimeout);
        try
        {
            return (await content.ReadHeadAsync(patience.Token), Refusal.None);
        }
        catch (InnerContentException flaw)
        {
            return (null, flaw.Refusal);
        }
        catch (OperationCanceledException)
        {
            return (null, Refusal.RequestAborted);
        }
    }

    /// <summary>A chunked body may be long and slow; its own limits and the service's silence timeout hold instead.</summary>
    private void LiftWholeBodyLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = _options.MaxChunkedRequestBytes;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } answerRate)
            answerRate.MinDataRate = null;
    }
}
