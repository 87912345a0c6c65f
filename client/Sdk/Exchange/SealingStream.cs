using System.Buffers;
using Veil.Bhttp;
using Veil.Ohttp;

namespace Veil.ClientSdk;

/// <summary>
/// Turns what is written into Binary HTTP content, that into chunks, and hands each write on sealed and flushed: nothing waits for a
/// full chunk. Memory is one chunk, or what <see cref="Append"/> was given.
/// </summary>
internal sealed class SealingStream(Stream destination, ChunkedRequestSealer sealer) : Stream
{
    /// <summary>Content that fits one chunk with its own four-byte length.</summary>
    private const int PieceSize = ChunkedSealer.MaxChunkSize - 4;

    private readonly BhttpRequestEncoder _encoder = new();
    private readonly ArrayBufferWriter<byte> _pending = new(1024);
    private readonly byte[] _sealed = ArrayPool<byte>.Shared.Rent(ChunkedSealer.MaxChunkSize + ChunkedSealer.MaxOverhead);
    private int _sent;
    private bool _begun;
    private bool _disposed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes the head; it leaves with the next flush.</summary>
    public void WriteHead(RequestHead head) => _encoder.WriteHead(_pending, head);

    /// <summary>Writes content that leaves with what follows it.</summary>
    public void Append(ReadOnlySpan<byte> content) => _encoder.WriteContent(_pending, content);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int piece = Math.Min(buffer.Length, PieceSize);
            _encoder.WriteContent(_pending, buffer.Span[..piece]);
            buffer = buffer[piece..];
            await SealPendingAsync(leave: 0, cancellationToken).ConfigureAwait(false);
        }

        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await SealPendingAsync(leave: 0, cancellationToken).ConfigureAwait(false);
        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the message; without this the other side never takes it for whole.</summary>
    public async Task CompleteAsync(bool pad, CancellationToken cancellationToken)
    {
        const int EndSize = 2;
        int size = _pending.WrittenCount + EndSize;
        _encoder.WriteEnd(_pending, trailers: null, pad ? Padding.SizeClass(size) - size : 0);
        await SealPendingAsync(leave: ChunkedSealer.MaxChunkSize, cancellationToken).ConfigureAwait(false);
        int last = sealer.SealFinalChunk(_pending.WrittenSpan[_sent..], _sealed);
        await destination.WriteAsync(_sealed.AsMemory(0, last), cancellationToken).ConfigureAwait(false);
        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override void Flush() => FlushAsync(CancellationToken.None).GetAwaiter().GetResult();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            ArrayPool<byte>.Shared.Return(_sealed);
        }

        base.Dispose(disposing);
    }

    /// <summary>Seals pending bytes until at most <paramref name="leave"/> are left.</summary>
    private async Task SealPendingAsync(int leave, CancellationToken cancellationToken)
    {
        if (!_begun)
        {
            _begun = true;
            await destination.WriteAsync(sealer.Prefix, cancellationToken).ConfigureAwait(false);
        }

        while (_pending.WrittenCount - _sent > leave)
        {
            int piece = Math.Min(_pending.WrittenCount - _sent, ChunkedSealer.MaxChunkSize);
            int size = sealer.SealChunk(_pending.WrittenSpan.Slice(_sent, piece), _sealed);
            _sent += piece;
            await destination.WriteAsync(_sealed.AsMemory(0, size), cancellationToken).ConfigureAwait(false);
        }

        if (leave is 0)
        {
            _pending.ResetWrittenCount();
            _sent = 0;
        }
    }
}
