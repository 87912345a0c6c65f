using System.Buffers;

namespace Veil.Relay.Forwarding;

/// <summary>A <c>message/ohttp-req</c>, read whole into a pooled buffer so that it always leaves with its Content-Length.</summary>
internal sealed class HeldRequest : IDisposable
{
    /// <summary>First buffer for a request of unknown length: most sealed requests fit.</summary>
    private const int FirstBuffer = 8 * 1024;

    private byte[] _buffer;
    private int _length;
    private volatile bool _isInUse;

    private HeldRequest(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads to the end; memory grows with what has arrived, not with what is announced.</summary>
    /// <returns>Null when there is more than <paramref name="limit"/>.</returns>
    public static async ValueTask<HeldRequest?> ReadAsync(Stream body, int limit, CancellationToken cancellationToken)
    {
        var held = new HeldRequest(FirstBuffer);
        try
        {
            while (await body.ReadAsync(held._buffer.AsMemory(held._length), cancellationToken).ConfigureAwait(false) is var read and > 0)
            {
                held._length += read;
                if (held._length > limit)
                {
                    held.Dispose();
                    return null;
                }
                if (held._length == held._buffer.Length)
                    held.Grow();
            }
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>From here until <see cref="EndUse"/> somebody else reads the bytes.</summary>
    public void BeginUse() => _isInUse = true;

    /// <summary>Nobody else reads the bytes any more. Not called after a failed write: whether that one still reads is not known.</summary>
    public void EndUse() => _isInUse = false;

    /// <summary>Gives the buffer back, or leaves it to the garbage collector when somebody may still read it.</summary>
    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0 && !_isInUse)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
