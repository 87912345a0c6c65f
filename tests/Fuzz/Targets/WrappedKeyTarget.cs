using Veil.KeyLifecycle;
using Veil.KeyStore;

namespace Veil.Fuzz.Targets;

/// <summary>A file that reads as a wrapped key can be unwrapped or refused, and none that was made without the wrapping key opens.</summary>
public static class WrappedKeyTarget
{
    private static readonly WrappingKey Key = new([.. Enumerable.Repeat((byte)7, WrappingKey.Size)]);

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!WrappedKey.TryReadEntry(input, out KeyEntry? entry))
            return;
        if (entry!.Serial == 0)
            throw new InvalidOperationException("A key without a number was let through.");
        if (WrappedKey.TryUnwrap(Key, "fuzz", input, new byte[WrappedKey.MaterialSize(input)]))
            throw new InvalidOperationException("A forged key was unwrapped.");
    }
}
