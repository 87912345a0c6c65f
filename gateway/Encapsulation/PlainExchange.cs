using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Veil.Bhttp;
using Veil.Gateway.Inner;
using Veil.Gateway.Keys;
using Veil.Gateway.Replay;
using Veil.Ohttp;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Encapsulation;

/// <summary>One encapsulated request that is held whole in memory, and its encapsulated response (RFC 9458 section 4).</summary>
internal sealed class PlainExchange(IOptions<GatewayOptions> options, OhttpKeys keys, ReplayWindow window, InnerPipeline pipeline)
{
    private readonly int _longestRequest = options.Value.MaxRequestBytes;
    private readonly int _longestAnswer = options.Value.MaxPlainAnswerBytes;
    private readonly Room _held = new(options.Value.MaxBufferedBytes);

    /// <summary>Takes the request of <paramref name="context"/> and answers it, unless it is refused before it is opened.</summary>
    public async ValueTask<Refusal> HandleAsync(HttpContext context)
    {
        long reserved = context.Request.ContentLength ?? _longestRequest;
        if (reserved > _longestRequest)
            return Refusal.RequestTooLarge;
        if (!_held.TryEnter(reserved))
            return Refusal.Overloaded;
        try
        {
            return await HoldAsync(context);
        }
        finally
        {
            _held.Leave(reserved);
        }
    }

    private async ValueTask<Refusal> HoldAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = _longestRequest;

        PipeReader body = context.Request.BodyReader;
        ReadResult read;
        try
        {
            do
            {
                read = await body.ReadAsync();
                if (!read.IsCompleted)
                    body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode is StatusCodes.Status413PayloadTooLarge)
        {
            return Refusal.RequestTooLarge;
        }
        catch (IOException)
        {
            return Refusal.RequestAborted;
        }

        int size = (int)read.Buffer.Length;
        byte[] plaintext = ArrayPool<byte>.Shared.Rent(Math.Max(size, 1));
        try
        {
            bool opened = TryOpen(read.Buffer, plaintext, out int written, out ResponseSealer sealer);
            body.AdvanceTo(read.Buffer.End);
            if (!opened)
                return Refusal.DecapsulationFailed;
            using (sealer)
                return await AnswerAsync(context, plaintext.AsMemory(0, written), sealer);
        }
        finally
        {
            plaintext.AsSpan(0, size).Clear();
            ArrayPool<byte>.Shared.Return(plaintext);
        }
    }

    private bool TryOpen(ReadOnlySequence<byte> encapsulated, byte[] plaintext, out int written, out ResponseSealer sealer)
    {
        if (encapsulated.IsSingleSegment)
            return RequestOpener.TryOpen(keys.Accepted, encapsulated.FirstSpan, plaintext, out written, out sealer, out _);

        byte[] whole = ArrayPool<byte>.Shared.Rent((int)encapsulated.Length);
        encapsulated.CopyTo(whole);
        bool opened = RequestOpener.TryOpen(keys.Accepted, whole.AsSpan(0, (int)encapsulated.Length), plaintext, out written, out sealer, out _);
        ArrayPool<byte>.Shared.Return(whole);
        return opened;
    }

    private async ValueTask<Refusal> AnswerAsync(HttpContext context, ReadOnlyMemory<byte> message, ResponseSealer sealer)
    {
        using var answer = new PlainAnswer(_longestAnswer, _held);
        Refusal refusal = window.Remember(sealer.Enc);
        BinaryRequest? request = null;
        if (refusal is Refusal.None && !BinaryRequest.TryParse(message, limits: null, out request, out _))
            refusal = Refusal.MalformedRequest;
        if (refusal is Refusal.None)
            refusal = await pipeline.AnswerAsync(new InnerRequest(request!.Head, new WholeContent(request.Content)), answer, context.RequestAborted);
        else
            await pipeline.RefuseAsync(answer, refusal, context.RequestAborted);
        if (!answer.IsComplete)
            return Refusal.RequestAborted;

        HttpResponse response = context.Response;
        response.ContentType = OhttpMediaType.Response;
        response.Headers.CacheControl = "no-store";
        response.ContentLength = answer.GetSealedSize(sealer);
        answer.Seal(sealer, response.BodyWriter);
        await response.BodyWriter.FlushAsync();
        return refusal;
    }
}
