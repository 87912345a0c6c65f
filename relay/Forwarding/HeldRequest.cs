using System.Buffers;
using Veil.ServiceDefaults;

namespace Veil.Relay.Forwarding;

/// <summary>A <c>message/ohttp-req</c>, read whole into a pooled buffer so that it always leaves with its Content-Length.</summary>
internal sealed class HeldRequest : IDisposable
{
    /// <summary>First buffer for a request of unknown length: most sealed requests fit.</summary>
    private const int FirstBuffer = 8 * 1024;

    private readonly Room _room;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _length;
    private int _uses;

    /// <param name="room">Where the bytes count from their arrival until <see cref="Dispose"/>.</param>
    public HeldRequest(Room room) => _room = room;

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads to the end; memory and room grow with what has arrived, not with what is announced.</summary>
    /// <returns>Why it is not carried: more than <paramref name="limit"/>, no room, nothing at all. Null when it is whole.</returns>
    public async ValueTask<RelayOutcome?> ReadAsync(Stream body, int limit, CancellationToken cancellationToken)
    {
        while (await body.ReadAsync(_buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false) is var read and > 0)
        {
            if (!_room.TryEnter(read))
                return RelayOutcome.Busy;
            _length += read;
            if (_length > limit)
                return RelayOutcome.TooLarge;
            if (_length == _buffer.Length)
                Grow();
        }
        return _length == 0 ? RelayOutcome.Empty : null;
    }

    /// <summary>From here until <see cref="EndUse"/> somebody else reads the bytes.</summary>
    public void BeginUse() => Interlocked.Increment(ref _uses);

    /// <summary>Nobody else reads the bytes any more. Not called after a failed write: whether that one still reads is not known.</summary>
    public void EndUse() => Interlocked.Decrement(ref _uses);

    /// <summary>Gives the buffer back, or leaves it to the garbage collector when somebody may still read it.</summary>
    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length == 0)
            return;
        _room.Leave(_length);
        if (Volatile.Read(ref _uses) == 0)
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
