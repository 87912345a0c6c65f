using Veil.Bhttp;
using Veil.Ohttp;

namespace Veil.ClientSdk;

/// <summary>
/// The content of a chunked answer, opened while it arrives. It ends only after the final chunk has opened and the message in it is whole; a stream
/// that is cut before that throws, however many chunks opened, and goes on throwing.
/// </summary>
internal sealed class OpenedAnswerStream(HttpResponseMessage answer, Stream body, ChunkedResponseOpener opener) : ForwardOnlyStream
{
    // Nothing is kept of a body, and the caller reads on for as long as it likes.
    private readonly BhttpResponseDecoder _decoder = new(new BhttpLimits { BodyBytes = long.MaxValue });
    private readonly byte[] _sealed = new byte[16 << 10];
    private readonly byte[] _plain = new byte[opener.MaxChunkSize];
    private ReadOnlyMemory<byte> _sealedRest;
    private ReadOnlyMemory<byte> _plainRest;
    private ReadOnlyMemory<byte> _content;
    private bool _atEndOfBody;
    private bool _hasFinalChunk;
    private bool _ended;
    private IOException? _failure;

    /// <summary>Called when the trailer section is here, before the stream ends.</summary>
    public Action<FieldSection>? TrailersRead { get; set; }

    /// <summary>Status and header section; call once, before reading.</summary>
    /// <exception cref="IOException">The answer ends, or is no response, before its head is complete.</exception>
    public async Task<ResponseHead> ReadHeadAsync(CancellationToken cancellationToken)
    {
        while (await NextAsync(cancellationToken).ConfigureAwait(false) is not BhttpEvent.Head)
        {
            // Informational responses have nobody to be told.
        }

        return _decoder.Head!;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_content.IsEmpty && !_ended && !buffer.IsEmpty)
        {
            switch (await NextAsync(cancellationToken).ConfigureAwait(false))
            {
                case BhttpEvent.Trailers:
                    TrailersRead?.Invoke(_decoder.Trailers);
                    break;
                case BhttpEvent.End:
                    _ended = true;
                    break;
            }
        }

        int count = Math.Min(buffer.Length, _content.Length);
        _content[..count].CopyTo(buffer);
        _content = _content[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            opener.Dispose();
            answer.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The next event of the inner message; never NeedMoreInput or Failed.</summary>
    private async ValueTask<BhttpEvent> NextAsync(CancellationToken cancellationToken)
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        while (true)
        {
            BhttpEvent found = _decoder.Read(_plainRest.Span, _hasFinalChunk, out int consumed, out ReadOnlySpan<byte> content);
            _content = _plainRest[(consumed - content.Length)..consumed];
            _plainRest = _plainRest[consumed..];
            switch (found)
            {
                case BhttpEvent.NeedMoreInput:
                    await OpenNextChunkAsync(cancellationToken).ConfigureAwait(false);
                    break;
                case BhttpEvent.Failed:
                    throw _failure = new HttpIOException(HttpRequestError.InvalidResponse, $"Gateway: the answer is no response ({_decoder.Error}).");
                default:
                    return found;
            }
        }
    }

    private async ValueTask OpenNextChunkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ChunkStatus status = opener.Read(_sealedRest.Span, _atEndOfBody, out int consumed, _plain, out int written);
            _sealedRest = _sealedRest[consumed..];
            switch (status)
            {
                case ChunkStatus.Chunk or ChunkStatus.Final:
                    _plainRest = _plain.AsMemory(0, written);
                    _hasFinalChunk = status is ChunkStatus.Final;
                    return;
                case ChunkStatus.Failed:
                    throw _failure = new HttpIOException(
                        opener.Error is OhttpError.Truncated ? HttpRequestError.ResponseEnded : HttpRequestError.InvalidResponse,
                        $"Gateway: the answer ends early or does not open ({opener.Error}).");
                default:
                    await ReadBodyAsync(cancellationToken).ConfigureAwait(false);
                    break;
            }
        }
    }

    private async ValueTask ReadBodyAsync(CancellationToken cancellationToken)
    {
        try
        {
            int count = await body.ReadAsync(_sealed, cancellationToken).ConfigureAwait(false);
            _sealedRest = _sealed.AsMemory(0, count);
            _atEndOfBody = count is 0;
        }
        catch (IOException failure)
        {
            throw _failure = new HttpIOException(HttpRequestError.ResponseEnded, "Relay: the answer broke off before its last chunk.", failure);
        }
    }
}
