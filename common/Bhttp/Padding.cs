using System.Numerics;

namespace Veil.Bhttp;

/// <summary>
/// Sizes to which whole messages are padded with zero bytes (RFC 9292 section 3.8), so that a length on the wire says only a class:
/// 512 bytes at least, then four classes to each doubling (512, 640, 768, 896, 1024, 1280, …), never more than a quarter added.
/// </summary>
public static class Padding
{
    /// <summary>The smallest class, in bytes.</summary>
    public const int SmallestClass = 512;

    /// <summary>The largest size that has a class, in bytes.</summary>
    public const int LargestClass = 1 << 30;

    /// <summary>The smallest class that holds <paramref name="size"/> bytes.</summary>
    public static int SizeClass(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, LargestClass);
        if (size <= SmallestClass)
            return SmallestClass;
        int step = 1 << (BitOperations.Log2((uint)size - 1) - 2);
        return (size + step - 1) / step * step;
    }
}
