using System.Buffers;
using System.IO.Pipelines;
using Veil.Bhttp;
using Veil.Gateway.Inner;
using Veil.Ohttp;

namespace Veil.Gateway.Encapsulation;

/// <summary>A chunked request, opened and parsed while it arrives: one sealed and one opened chunk are all that is held of it.</summary>
internal sealed class ChunkedContent(PipeReader body, ChunkedRequestOpener opener) : InnerContent, IDisposable
{
    private readonly BhttpRequestDecoder _decoder = new();
    private readonly byte[] _opened = ArrayPool<byte>.Shared.Rent(opener.MaxChunkSize);
    private ReadOnlyMemory<byte> _rest;
    private ReadOnlyMemory<byte> _first;
    private bool _isFinal;
    private bool _isOver;

    /// <summary>Not known: the end is where the final chunk is.</summary>
    public override long? Length => _isOver ? 0 : null;

    /// <summary>
    /// Reads the head, and on to the first content or the end when that is there already. For a GET it is waited for: such a message has no content as a
    /// rule, and an open service must know.
    /// </summary>
    /// <exception cref="InnerContentException">What is there is no such message.</exception>
    public async ValueTask<RequestHead> ReadHeadAsync(CancellationToken cancellationToken)
    {
        await NextAsync(cancellationToken);
        if (_isFinal || _decoder.Head!.Method is "GET")
            _first = await ReadAsync(cancellationToken);
        return _decoder.Head!;
    }

    public override async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (!_first.IsEmpty)
        {
            (ReadOnlyMemory<byte> first, _first) = (_first, default);
            return first;
        }

        while (!_isOver)
        {
            (BhttpEvent found, ReadOnlyMemory<byte> piece) = await NextAsync(cancellationToken);
            if (found is BhttpEvent.Content)
                return piece;
        }

        return default;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_opened, clearArray: true);

    private async ValueTask<(BhttpEvent Found, ReadOnlyMemory<byte> Piece)> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            BhttpEvent found = Decode(out ReadOnlyMemory<byte> piece);
            if (found is not BhttpEvent.NeedMoreInput)
                return (found, piece);
            await OpenMoreAsync(cancellationToken);
        }
    }

    private BhttpEvent Decode(out ReadOnlyMemory<byte> piece)
    {
        piece = default;
        if (_rest.IsEmpty && !_isFinal)
            return BhttpEvent.NeedMoreInput;

        BhttpEvent found = _decoder.Read(_rest.Span, _isFinal, out int consumed, out ReadOnlySpan<byte> content);
        if (found is BhttpEvent.Failed)
            throw new InnerContentException(_decoder.Error is BhttpError.BodyTooLarge ? Refusal.ContentTooLarge : Refusal.MalformedRequest);
        piece = _rest.Slice(consumed - content.Length, content.Length);
        _rest = _rest[consumed..];
        _isOver = found is BhttpEvent.End;
        return found;
    }

    private async ValueTask OpenMoreAsync(CancellationToken cancellationToken)
    {
        ReadResult read;
        try
        {
            read = await body.ReadAsync(cancellationToken);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode is StatusCodes.Status413PayloadTooLarge)
        {
            throw new InnerContentException(opener.HasOpened ? Refusal.ContentTooLarge : Refusal.RequestTooLarge);
        }
        catch (IOException)
        {
            throw new InnerContentException(Refusal.RequestAborted);
        }

        ChunkStatus status = Open(read, out long consumed, out int written);
        body.AdvanceTo(read.Buffer.GetPosition(consumed));
        if (status is ChunkStatus.Failed)
            throw new InnerContentException(!opener.HasOpened ? Refusal.DecapsulationFailed : opener.Error is OhttpError.MessageTooLarge ? Refusal.ContentTooLarge : Refusal.MalformedRequest);
        _rest = _opened.AsMemory(0, written);
        _isFinal = status is ChunkStatus.Final;
    }

    private ChunkStatus Open(ReadResult read, out long consumed, out int written)
    {
        consumed = 0;
        written = 0;
        long left = read.Buffer.Length;
        if (left is 0)
            return read.IsCompleted ? opener.Read(default, endOfInput: true, out _, _opened, out written) : ChunkStatus.NeedMoreInput;

        foreach (ReadOnlyMemory<byte> segment in read.Buffer)
        {
            left -= segment.Length;
            ChunkStatus status = opener.Read(segment.Span, read.IsCompleted && left is 0, out int taken, _opened, out written);
            consumed += taken;
            if (status is not ChunkStatus.NeedMoreInput)
                return status;
        }

        return ChunkStatus.NeedMoreInput;
    }
}
