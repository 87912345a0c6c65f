using Veil.Wire;

namespace Veil.Fuzz.Targets;

/// <summary>A varint that was read is written again in no more bytes and reads as the same value.</summary>
public static class QuicVarintTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!QuicVarint.TryRead(input, out ulong value, out int size))
            return;
        Span<byte> again = stackalloc byte[QuicVarint.MaxSize];
        int written = QuicVarint.Write(again, value);
        if (written > size || !QuicVarint.TryRead(again[..written], out ulong same, out _) || same != value)
            throw new InvalidOperationException("A varint changed when it was written again.");
    }
}
