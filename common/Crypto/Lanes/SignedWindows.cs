using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>Scalars in base 32 with digits from -15 to 16, made in constant time: the windows of a multiplication, for all lanes. Disposing erases them.</summary>
/// <typeparam name="TScalar">What the scalars are.</typeparam>
internal readonly ref struct SignedWindows<TScalar>
    where TScalar : struct, ILaneScalar
{
    /// <summary>Bits of a window.</summary>
    public const int Width = 5;

    /// <summary>The largest digit, and the length of a table of multiples.</summary>
    public const int Largest = 1 << (Width - 1);

    private const int Lanes = 4;
    private readonly Span<sbyte> _digits;

    /// <summary>Windows of a scalar.</summary>
    public static int Count => TScalar.Windows;

    /// <summary>Bytes that the windows of all lanes are held in.</summary>
    public static int Size => Lanes * Count;

    /// <summary>The windows that were recoded into this space.</summary>
    public SignedWindows(Span<sbyte> space) => _digits = space[..Size];

    /// <summary>The digits of all lanes at a place.</summary>
    public Vector256<long> this[int window] => Vector256.Create(
        (long)_digits[window], _digits[Count + window], _digits[(2 * Count) + window], _digits[(3 * Count) + window]);

    /// <summary>Recodes a scalar for each of the first lanes; lanes without one get zeros.</summary>
    /// <param name="scalars">One behind the other.</param>
    /// <param name="space">Where to keep the windows, <see cref="Size"/> bytes.</param>
    public static SignedWindows<TScalar> Each(ReadOnlySpan<byte> scalars, Span<sbyte> space)
    {
        space.Clear();
        for (int lane = 0; lane * TScalar.Size < scalars.Length; lane++)
            Recode(scalars.Slice(lane * TScalar.Size, TScalar.Size), space.Slice(lane * Count, Count));
        return new(space);
    }

    /// <summary>Recodes one scalar for all lanes.</summary>
    public static SignedWindows<TScalar> Same(ReadOnlySpan<byte> scalar, Span<sbyte> space)
    {
        for (int lane = 0; lane < Lanes; lane++)
            Recode(scalar, space.Slice(lane * Count, Count));
        return new(space);
    }

    public void Dispose() => _digits.Clear();

    private static void Recode(ReadOnlySpan<byte> scalar, Span<sbyte> digits)
    {
        // Two bytes of zeros above the highest: a window is read out of a pair.
        Span<byte> bytes = stackalloc byte[TScalar.Size + 2];
        bytes.Clear();
        scalar.CopyTo(bytes);
        if (TScalar.IsBigEndian)
            bytes[..TScalar.Size].Reverse();
        int carry = 0;
        for (int i = 0; i < Count; i++)
        {
            int bit = i * Width;
            int pair = bytes[bit / 8] | (bytes[(bit / 8) + 1] << 8);
            int window = ((pair >> (bit % 8)) & ((1 << Width) - 1)) + carry;
            carry = (window + Largest - 1) >> Width;
            digits[i] = (sbyte)(window - (carry << Width));
        }

        CryptographicOperations.ZeroMemory(bytes);
    }
}
