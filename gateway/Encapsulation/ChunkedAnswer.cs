using System.Buffers;
using Veil.Bhttp;
using Veil.Gateway.Inner;
using Veil.Ohttp;

namespace Veil.Gateway.Encapsulation;

/// <summary>An answer that leaves piece by piece, each sealed and flushed as it comes. Only its end seals the final chunk.</summary>
internal sealed class ChunkedAnswer(HttpResponse response, ChunkedResponseSealer sealer) : InnerAnswer
{
    private readonly BhttpResponseEncoder _encoder = new();
    private readonly ArrayBufferWriter<byte> _waiting = new(ChunkedSealer.MaxChunkSize);

    public override ValueTask StartAsync(ResponseHead head, CancellationToken cancellationToken)
    {
        Start(head);
        return FlushAsync(isEnd: false, cancellationToken);
    }

    public override async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _encoder.WriteContent(_waiting, content.Span);
        await FlushAsync(isEnd: false, cancellationToken);
        return true;
    }

    public override ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        _encoder.WriteEnd(_waiting);
        return FlushAsync(isEnd: true, cancellationToken);
    }

    public override ValueTask AnswerAsync(ResponseHead head, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Start(head);
        _encoder.WriteContent(_waiting, content.Span);
        _encoder.WriteEnd(_waiting, padding: Padding.SizeClass(_waiting.WrittenCount + 2) - (_waiting.WrittenCount + 2));
        return FlushAsync(isEnd: true, cancellationToken);
    }

    private void Start(ResponseHead head)
    {
        response.ContentType = OhttpMediaType.ChunkedResponse;
        response.Headers.CacheControl = "no-store";
        response.Headers["Incremental"] = "?1";
        response.BodyWriter.Write(sealer.Prefix.Span);
        _encoder.WriteHead(_waiting, head);
        HasStarted = true;
    }

    private async ValueTask FlushAsync(bool isEnd, CancellationToken cancellationToken)
    {
        Seal(isEnd);
        await response.BodyWriter.FlushAsync(cancellationToken);
        IsComplete = isEnd;
    }

    private void Seal(bool isEnd)
    {
        ReadOnlySpan<byte> waiting = _waiting.WrittenSpan;
        while (waiting.Length > (isEnd ? ChunkedSealer.MaxChunkSize : 0))
        {
            ReadOnlySpan<byte> chunk = waiting[..Math.Min(waiting.Length, ChunkedSealer.MaxChunkSize)];
            response.BodyWriter.Advance(sealer.SealChunk(chunk, response.BodyWriter.GetSpan(ChunkedSealer.GetChunkSize(chunk.Length))));
            waiting = waiting[chunk.Length..];
        }

        if (isEnd)
            response.BodyWriter.Advance(sealer.SealFinalChunk(waiting, response.BodyWriter.GetSpan(ChunkedSealer.GetFinalChunkSize(waiting.Length))));
        _waiting.ResetWrittenCount();
    }
}
