using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// An integer modulo a 384-bit prime in Montgomery's form, six limbs of 64 bits, always below the modulus. Every operation but <see cref="Power"/>, whose
/// exponent is public, and <see cref="TryRead"/>'s verdict takes the same time for all values.
/// </summary>
internal readonly struct Residue384<TModulus>
    where TModulus : struct, IModulus384
{
    /// <summary>Bytes of an encoding.</summary>
    public const int Size = 48;

    /// <summary>Bytes from which <see cref="ReduceWide"/> makes a residue without a visible bias: L of RFC 9380 section 5.1.</summary>
    public const int WideSize = 72;

    /// <summary>2^768 modulo N: what brings a number into Montgomery's form.</summary>
    private static readonly Residue384<TModulus> Entry = PowerOfTwo(768);

    private readonly ulong _l0;
    private readonly ulong _l1;
    private readonly ulong _l2;
    private readonly ulong _l3;
    private readonly ulong _l4;
    private readonly ulong _l5;

    private Residue384(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4, ulong l5)
    {
        _l0 = l0;
        _l1 = l1;
        _l2 = l2;
        _l3 = l3;
        _l4 = l4;
        _l5 = l5;
    }

    /// <summary>1.</summary>
    public static Residue384<TModulus> One { get; } = PowerOfTwo(384);

    /// <summary>True for 0.</summary>
    public bool IsZero => (_l0 | _l1 | _l2 | _l3 | _l4 | _l5) == 0;

    /// <summary>sgn0 of RFC 9380 section 4.1: the lowest bit, 0 or 1.</summary>
    public ulong Parity => Leave()._l0 & 1;

    public static Residue384<TModulus> operator +(in Residue384<TModulus> left, in Residue384<TModulus> right)
    {
        ulong carry = 0;
        ulong l0 = Add(left._l0, right._l0, ref carry);
        ulong l1 = Add(left._l1, right._l1, ref carry);
        ulong l2 = Add(left._l2, right._l2, ref carry);
        ulong l3 = Add(left._l3, right._l3, ref carry);
        ulong l4 = Add(left._l4, right._l4, ref carry);
        ulong l5 = Add(left._l5, right._l5, ref carry);
        return Reduce(l0, l1, l2, l3, l4, l5, carry);
    }

    public static Residue384<TModulus> operator -(in Residue384<TModulus> left, in Residue384<TModulus> right)
    {
        ulong borrow = 0;
        ulong l0 = Subtract(left._l0, right._l0, ref borrow);
        ulong l1 = Subtract(left._l1, right._l1, ref borrow);
        ulong l2 = Subtract(left._l2, right._l2, ref borrow);
        ulong l3 = Subtract(left._l3, right._l3, ref borrow);
        ulong l4 = Subtract(left._l4, right._l4, ref borrow);
        ulong l5 = Subtract(left._l5, right._l5, ref borrow);

        // A borrow means that the difference is below 0 by less than N: add N.
        ulong mask = unchecked(0 - borrow);
        ulong carry = 0;
        l0 = Add(l0, TModulus.N0 & mask, ref carry);
        l1 = Add(l1, TModulus.N1 & mask, ref carry);
        l2 = Add(l2, TModulus.N2 & mask, ref carry);
        l3 = Add(l3, TModulus.N3 & mask, ref carry);
        l4 = Add(l4, TModulus.N4 & mask, ref carry);
        l5 = Add(l5, TModulus.N5 & mask, ref carry);
        return new(l0, l1, l2, l3, l4, l5);
    }

    public static Residue384<TModulus> operator -(in Residue384<TModulus> value) => default(Residue384<TModulus>) - value;

    /// <summary>Montgomery's product: one limb of the right factor a round, one limb of the sum cleared and dropped after each.</summary>
    public static Residue384<TModulus> operator *(in Residue384<TModulus> left, in Residue384<TModulus> right)
    {
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0, t5 = 0, t6 = 0;
        Round(left, right._l0, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        Round(left, right._l1, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        Round(left, right._l2, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        Round(left, right._l3, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        Round(left, right._l4, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        Round(left, right._l5, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        return Reduce(t0, t1, t2, t3, t4, t5, t6);
    }

    /// <summary><paramref name="whenSet"/> where <paramref name="bit"/> is 1, else <paramref name="whenClear"/>, without a branch: CMOV of RFC 9380.</summary>
    public static Residue384<TModulus> Select(ulong bit, in Residue384<TModulus> whenSet, in Residue384<TModulus> whenClear)
    {
        ulong mask = unchecked(0 - bit);
        return new(
            whenClear._l0 ^ (mask & (whenClear._l0 ^ whenSet._l0)),
            whenClear._l1 ^ (mask & (whenClear._l1 ^ whenSet._l1)),
            whenClear._l2 ^ (mask & (whenClear._l2 ^ whenSet._l2)),
            whenClear._l3 ^ (mask & (whenClear._l3 ^ whenSet._l3)),
            whenClear._l4 ^ (mask & (whenClear._l4 ^ whenSet._l4)),
            whenClear._l5 ^ (mask & (whenClear._l5 ^ whenSet._l5)));
    }

    /// <summary>1 where the two are the same, else 0, without a branch.</summary>
    public static ulong Same(in Residue384<TModulus> left, in Residue384<TModulus> right)
    {
        ulong difference = (left._l0 ^ right._l0) | (left._l1 ^ right._l1) | (left._l2 ^ right._l2)
            | (left._l3 ^ right._l3) | (left._l4 ^ right._l4) | (left._l5 ^ right._l5);
        return unchecked(1 ^ ((difference | (0 - difference)) >> 63));
    }

    /// <summary>A small number.</summary>
    public static Residue384<TModulus> From(ulong value) => new Residue384<TModulus>(value, 0, 0, 0, 0, 0) * Entry;

    /// <summary>Reads 48 bytes, big-endian; false for the modulus and above.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out Residue384<TModulus> value)
    {
        Residue384<TModulus> number = Load(source);
        ulong borrow = 0;
        Subtract(number._l0, TModulus.N0, ref borrow);
        Subtract(number._l1, TModulus.N1, ref borrow);
        Subtract(number._l2, TModulus.N2, ref borrow);
        Subtract(number._l3, TModulus.N3, ref borrow);
        Subtract(number._l4, TModulus.N4, ref borrow);
        Subtract(number._l5, TModulus.N5, ref borrow);
        value = number * Entry;
        return borrow == 1;
    }

    /// <summary>A number of <see cref="WideSize"/> bytes, big-endian, modulo N.</summary>
    public static Residue384<TModulus> ReduceWide(ReadOnlySpan<byte> source)
    {
        Span<byte> upper = stackalloc byte[Size];
        upper[..(2 * Size - WideSize)].Clear();
        source[..(WideSize - Size)].CopyTo(upper[(2 * Size - WideSize)..]);
        Residue384<TModulus> value = (Load(upper) * Entry * Entry) + (Load(source[(WideSize - Size)..]) * Entry);
        CryptographicOperations.ZeroMemory(upper);
        return value;
    }

    /// <summary>Writes 48 bytes, big-endian.</summary>
    public void Write(Span<byte> destination)
    {
        Residue384<TModulus> number = Leave();
        BinaryPrimitives.WriteUInt64BigEndian(destination, number._l5);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], number._l4);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], number._l3);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], number._l2);
        BinaryPrimitives.WriteUInt64BigEndian(destination[32..], number._l1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[40..], number._l0);
    }

    /// <summary>Writes the limbs of the Montgomery form as fourteen digits of 28 bits, little-endian.</summary>
    public void WriteDigits(Span<long> digits)
    {
        digits[0] = Digit(_l0, 0);
        digits[1] = Digit(_l0, 28);
        digits[2] = Digit(_l0, 56, _l1);
        digits[3] = Digit(_l1, 20);
        digits[4] = Digit(_l1, 48, _l2);
        digits[5] = Digit(_l2, 12);
        digits[6] = Digit(_l2, 40, _l3);
        digits[7] = Digit(_l3, 4);
        digits[8] = Digit(_l3, 32);
        digits[9] = Digit(_l3, 60, _l4);
        digits[10] = Digit(_l4, 24);
        digits[11] = Digit(_l4, 52, _l5);
        digits[12] = Digit(_l5, 16);
        digits[13] = Digit(_l5, 44);
    }

    /// <summary>The number whose Montgomery form has these digits of 28 bits, the last of which may have any sign and size: from -N to below 2N.</summary>
    public static Residue384<TModulus> FromDigits(ReadOnlySpan<long> digits)
    {
        unchecked
        {
            ulong l0 = (ulong)(digits[0] | (digits[1] << 28) | (digits[2] << 56));
            ulong l1 = (ulong)((digits[2] >> 8) | (digits[3] << 20) | (digits[4] << 48));
            ulong l2 = (ulong)((digits[4] >> 16) | (digits[5] << 12) | (digits[6] << 40));
            ulong l3 = (ulong)((digits[6] >> 24) | (digits[7] << 4) | (digits[8] << 32) | (digits[9] << 60));
            ulong l4 = (ulong)((digits[9] >> 4) | (digits[10] << 24) | (digits[11] << 52));
            ulong l5 = (ulong)((digits[11] >> 12) | (digits[12] << 16) | (digits[13] << 44));

            // What is above 384 bits: -1 for a number below 0, which N lifts to 0 or above.
            ulong top = (ulong)(digits[13] >> 20);
            ulong negative = top >> 63;
            ulong mask = 0 - negative;
            ulong carry = 0;
            l0 = Add(l0, TModulus.N0 & mask, ref carry);
            l1 = Add(l1, TModulus.N1 & mask, ref carry);
            l2 = Add(l2, TModulus.N2 & mask, ref carry);
            l3 = Add(l3, TModulus.N3 & mask, ref carry);
            l4 = Add(l4, TModulus.N4 & mask, ref carry);
            l5 = Add(l5, TModulus.N5 & mask, ref carry);
            return Reduce(l0, l1, l2, l3, l4, l5, top + carry);
        }
    }

    /// <summary>This number raised to a public exponent, big-endian, four bits at a time.</summary>
    public Residue384<TModulus> Power(ReadOnlySpan<byte> exponent)
    {
        Span<Residue384<TModulus>> powers = stackalloc Residue384<TModulus>[16];
        powers[0] = One;
        for (int i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * this;

        Residue384<TModulus> result = One;
        for (int i = 0; i < exponent.Length * 2; i++)
        {
            int digit = i % 2 == 0 ? exponent[i / 2] >> 4 : exponent[i / 2] & 0xF;
            if (i > 0)
            {
                result *= result;
                result *= result;
                result *= result;
                result *= result;
            }

            if (digit != 0)
                result *= powers[digit];
        }

        return result;
    }

    /// <summary>The inverse; 0 for 0 (inv0 of RFC 9380 section 4).</summary>
    public Residue384<TModulus> Invert() => Power(TModulus.MinusTwo);

    /// <summary>2^<paramref name="exponent"/> modulo N as a plain number, by doubling.</summary>
    private static Residue384<TModulus> PowerOfTwo(int exponent)
    {
        var power = new Residue384<TModulus>(1, 0, 0, 0, 0, 0);
        for (int i = 0; i < exponent; i++)
            power += power;
        return power;
    }

    private static Residue384<TModulus> Load(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt64BigEndian(source[40..]),
        BinaryPrimitives.ReadUInt64BigEndian(source[32..]),
        BinaryPrimitives.ReadUInt64BigEndian(source[24..]),
        BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(source));

    /// <summary>Out of Montgomery's form.</summary>
    private Residue384<TModulus> Leave() => this * new Residue384<TModulus>(1, 0, 0, 0, 0, 0);

    /// <summary>28 bits from a place of a limb, of which the last ones may stand in the next limb.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Digit(ulong limb, int bit, ulong next = 0) => (long)(((limb >> bit) | (bit > 36 ? next << (64 - bit) : 0)) & 0xFFFFFFF);

    /// <summary>(t + left * factor + N * q) / 2^64, with the q that makes it divisible.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        in Residue384<TModulus> left, ulong factor, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong t4, ref ulong t5, ref ulong t6)
    {
        ulong carry = 0;
        t0 = MultiplyAdd(left._l0, factor, t0, ref carry);
        t1 = MultiplyAdd(left._l1, factor, t1, ref carry);
        t2 = MultiplyAdd(left._l2, factor, t2, ref carry);
        t3 = MultiplyAdd(left._l3, factor, t3, ref carry);
        t4 = MultiplyAdd(left._l4, factor, t4, ref carry);
        t5 = MultiplyAdd(left._l5, factor, t5, ref carry);
        ulong overflow = 0;
        t6 = Add(t6, carry, ref overflow);

        ulong q = unchecked(t0 * TModulus.Inverse);
        carry = 0;
        MultiplyAdd(q, TModulus.N0, t0, ref carry);
        t0 = MultiplyAdd(q, TModulus.N1, t1, ref carry);
        t1 = MultiplyAdd(q, TModulus.N2, t2, ref carry);
        t2 = MultiplyAdd(q, TModulus.N3, t3, ref carry);
        t3 = MultiplyAdd(q, TModulus.N4, t4, ref carry);
        t4 = MultiplyAdd(q, TModulus.N5, t5, ref carry);
        ulong last = 0;
        t5 = Add(t6, carry, ref last);
        t6 = unchecked(overflow + last);
    }

    /// <summary>The value, below 2N and given with its 385th bit, less N where it is not below N.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Residue384<TModulus> Reduce(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4, ulong l5, ulong top)
    {
        ulong borrow = 0;
        ulong r0 = Subtract(l0, TModulus.N0, ref borrow);
        ulong r1 = Subtract(l1, TModulus.N1, ref borrow);
        ulong r2 = Subtract(l2, TModulus.N2, ref borrow);
        ulong r3 = Subtract(l3, TModulus.N3, ref borrow);
        ulong r4 = Subtract(l4, TModulus.N4, ref borrow);
        ulong r5 = Subtract(l5, TModulus.N5, ref borrow);
        return Select(borrow & ~top & 1, new(l0, l1, l2, l3, l4, l5), new(r0, r1, r2, r3, r4, r5));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAdd(ulong left, ulong right, ulong addend, ref ulong carry)
    {
        unchecked
        {
            ulong high = Math.BigMul(left, right, out ulong low);
            low += addend;
            high += low < addend ? 1UL : 0UL;
            low += carry;
            high += low < carry ? 1UL : 0UL;
            carry = high;
            return low;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Add(ulong left, ulong right, ref ulong carry)
    {
        unchecked
        {
            ulong sum = left + right;
            ulong over = sum < left ? 1UL : 0UL;
            ulong total = sum + carry;
            carry = over | (total < sum ? 1UL : 0UL);
            return total;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Subtract(ulong left, ulong right, ref ulong borrow)
    {
        unchecked
        {
            ulong difference = left - right;
            ulong under = left < right ? 1UL : 0UL;
            ulong total = difference - borrow;
            borrow = under | (difference < borrow ? 1UL : 0UL);
            return total;
        }
    }
}
