namespace Veil.Gateway.Hosts;

/// <summary>
/// Passes everything through and tells once when the stream is over, by the end of reading, by a fault or by being disposed. HTTP/2 always has a
/// read pending, so a lost host is known at once and not at the next request.
/// </summary>
internal sealed class WatchedStream(Stream inner, Action onClosed) : Stream
{
    private Action? _onClosed = onClosed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            int read = await inner.ReadAsync(buffer, cancellationToken);
            if (read is 0 && !buffer.IsEmpty)
                Tell();
            return read;
        }
        catch (IOException)
        {
            Tell();
            throw;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Tell();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Tell() => Interlocked.Exchange(ref _onClosed, null)?.Invoke();
}
