using System.Buffers;
using Veil.Bhttp;
using Veil.Gateway.Inner;
using Veil.Ohttp;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Encapsulation;

/// <summary>
/// An answer that is held until it is whole, then padded to its size class and sealed where it will be sent from. Nothing leaves before, so a
/// failing host is still answered with a problem.
/// </summary>
/// <param name="longest">Longest content, bytes.</param>
/// <param name="held">The memory that it shares with the other exchanges.</param>
internal sealed class PlainAnswer(int longest, Room held) : InnerAnswer, IDisposable
{
    private const int FirstSize = 16 * 1024;
    private byte[]? _gathered;
    private int _entered;
    private int _length;
    private ResponseHead? _head;
    private BinaryResponse? _message;

    private BinaryResponse Message => _message ?? throw new InvalidOperationException("The answer is not complete.");

    public override ValueTask StartAsync(ResponseHead head, CancellationToken cancellationToken)
    {
        _head = head;
        _length = 0;
        return default;
    }

    public override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (content.Length > longest - _length || !TryReserve(_length + content.Length))
            return new(false);
        content.Span.CopyTo(_gathered.AsSpan(_length));
        _length += content.Length;
        return new(true);
    }

    public override ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        _message = new BinaryResponse(_head!, _gathered.AsMemory(0, _length));
        HasStarted = IsComplete = true;
        return default;
    }

    public override ValueTask AnswerAsync(ResponseHead head, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _message = new BinaryResponse(head, content);
        HasStarted = IsComplete = true;
        return default;
    }

    /// <summary>Bytes of the sealed answer.</summary>
    public int GetSealedSize(ResponseSealer sealer) => sealer.GetSize(Padding.SizeClass(Message.Size));

    /// <summary>Seals the answer into <paramref name="output"/>, <see cref="GetSealedSize"/> bytes.</summary>
    public void Seal(ResponseSealer sealer, IBufferWriter<byte> output)
    {
        Span<byte> destination = output.GetSpan(GetSealedSize(sealer));
        Span<byte> plaintext = destination.Slice(sealer.NonceSize, Padding.SizeClass(Message.Size));
        Message.TryWrite(plaintext, out int written);
        plaintext[written..].Clear();
        output.Advance(sealer.Seal(plaintext, destination));
    }

    public void Dispose()
    {
        if (_gathered is not null)
            ArrayPool<byte>.Shared.Return(_gathered, clearArray: true);
        _gathered = null;
        held.Leave(_entered);
        _entered = 0;
    }

    private bool TryReserve(int size)
    {
        if (_gathered?.Length >= size)
            return true;
        int wanted = Math.Max(FirstSize, Math.Max(size, (int)Math.Min(longest, _length * 2L)));
        if (!held.TryEnter(wanted))
            return false;
        byte[] larger = ArrayPool<byte>.Shared.Rent(wanted);
        _gathered.AsSpan(0, _length).CopyTo(larger);
        Dispose();
        (_gathered, _entered) = (larger, wanted);
        return true;
    }
}
