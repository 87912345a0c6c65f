using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Scalar = Veil.Crypto.Residue384<Veil.Crypto.P384Order>;

namespace Veil.Crypto;

/// <summary>Scalars in base 32 with digits from -15 to 16, made in constant time: the windows of a multiplication, for all lanes. Disposing erases them.</summary>
internal ref struct SignedWindows
{
    /// <summary>Bits of a window.</summary>
    public const int Width = 5;

    /// <summary>The largest digit, and the length of a table of multiples.</summary>
    public const int Largest = 1 << (Width - 1);

    /// <summary>Windows of a scalar: 385 bits, so that the last one carries nothing.</summary>
    public const int Count = 77;

    /// <summary>Bytes that the windows of a scalar are held in.</summary>
    public const int Size = Field384x4.Lanes * Count;

    private readonly Span<sbyte> _digits;

    /// <summary>Recodes one scalar for all lanes, or one for each of the first lanes; lanes without a scalar get zeros.</summary>
    /// <param name="scalars">48 bytes each, big-endian.</param>
    /// <param name="space">Where to keep them, <see cref="Size"/> bytes.</param>
    public SignedWindows(ReadOnlySpan<byte> scalars, Span<sbyte> space)
    {
        _digits = space[..Size];
        _digits.Clear();
        for (int lane = 0; lane * Scalar.Size < scalars.Length; lane++)
            Recode(scalars.Slice(lane * Scalar.Size, Scalar.Size), _digits.Slice(lane * Count, Count));
    }

    private SignedWindows(Span<sbyte> digits) => _digits = digits;

    /// <summary>The digits of all lanes at a place.</summary>
    public readonly Vector256<long> this[int window] => Vector256.Create(
        (long)_digits[window], _digits[Count + window], _digits[(2 * Count) + window], _digits[(3 * Count) + window]);

    /// <summary>What was recoded into this space before.</summary>
    public static SignedWindows Over(Span<sbyte> space) => new(space[..Size]);

    /// <summary>Gives all lanes the scalar of the first.</summary>
    public readonly void Repeat()
    {
        for (int lane = 1; lane < Field384x4.Lanes; lane++)
            _digits[..Count].CopyTo(_digits[(lane * Count)..]);
    }

    public readonly void Dispose() => _digits.Clear();

    private static void Recode(ReadOnlySpan<byte> scalar, Span<sbyte> digits)
    {
        Span<byte> bytes = stackalloc byte[Scalar.Size + 2];
        bytes.Clear();
        scalar.CopyTo(bytes[2..]);
        bytes.Reverse();
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
