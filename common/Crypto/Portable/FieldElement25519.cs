using System.Buffers.Binary;

namespace Veil.Crypto;

/// <summary>
/// An integer modulo p = 2^255 - 19 in five limbs of 51 bits. Products and reads leave limbs below 2^51 + 2^10; a sum or
/// difference of two such stays below 2^53, which products accept. Every operation takes the same time for all values.
/// </summary>
internal readonly struct FieldElement25519
{
    private const ulong Mask = (1UL << 51) - 1;

    private readonly ulong _l0;
    private readonly ulong _l1;
    private readonly ulong _l2;
    private readonly ulong _l3;
    private readonly ulong _l4;

    private FieldElement25519(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        _l0 = l0;
        _l1 = l1;
        _l2 = l2;
        _l3 = l3;
        _l4 = l4;
    }

    internal static FieldElement25519 One => new(1, 0, 0, 0, 0);

    /// <summary>Reads 32 little-endian bytes; the top bit is ignored and values from p up are taken modulo p (RFC 7748 section 5).</summary>
    internal static FieldElement25519 Read(ReadOnlySpan<byte> source)
    {
        ulong w0 = BinaryPrimitives.ReadUInt64LittleEndian(source);
        ulong w1 = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]);
        ulong w2 = BinaryPrimitives.ReadUInt64LittleEndian(source[16..]);
        ulong w3 = BinaryPrimitives.ReadUInt64LittleEndian(source[24..]);
        return new(w0 & Mask, ((w0 >> 51) | (w1 << 13)) & Mask, ((w1 >> 38) | (w2 << 26)) & Mask, ((w2 >> 25) | (w3 << 39)) & Mask, (w3 >> 12) & Mask);
    }

    /// <summary>Writes the one representative below p, 32 bytes little-endian.</summary>
    internal void Write(Span<byte> destination)
    {
        unchecked
        {
            // Two carries bring every limb to 51 bits (the first limb may exceed by 19); q is then 1 exactly when the value is at least p.
            FieldElement25519 x = Carry(_l0, _l1, _l2, _l3, _l4);
            x = Carry(x._l0, x._l1, x._l2, x._l3, x._l4);
            ulong q = (x._l0 + 19) >> 51;
            q = (x._l1 + q) >> 51;
            q = (x._l2 + q) >> 51;
            q = (x._l3 + q) >> 51;
            q = (x._l4 + q) >> 51;

            ulong l0 = x._l0 + (19 * q);
            ulong l1 = x._l1 + (l0 >> 51);
            ulong l2 = x._l2 + (l1 >> 51);
            ulong l3 = x._l3 + (l2 >> 51);
            ulong l4 = (x._l4 + (l3 >> 51)) & Mask;
            l0 &= Mask;
            l1 &= Mask;
            l2 &= Mask;
            l3 &= Mask;
            BinaryPrimitives.WriteUInt64LittleEndian(destination, l0 | (l1 << 51));
            BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], (l1 >> 13) | (l2 << 38));
            BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], (l2 >> 26) | (l3 << 25));
            BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], (l3 >> 39) | (l4 << 12));
        }
    }

    /// <summary>Exchanges the two where <paramref name="bit"/> is 1, without a branch.</summary>
    internal static void Swap(ulong bit, ref FieldElement25519 a, ref FieldElement25519 b)
    {
        unchecked
        {
            ulong mask = 0 - bit;
            ulong t0 = mask & (a._l0 ^ b._l0);
            ulong t1 = mask & (a._l1 ^ b._l1);
            ulong t2 = mask & (a._l2 ^ b._l2);
            ulong t3 = mask & (a._l3 ^ b._l3);
            ulong t4 = mask & (a._l4 ^ b._l4);
            a = new(a._l0 ^ t0, a._l1 ^ t1, a._l2 ^ t2, a._l3 ^ t3, a._l4 ^ t4);
            b = new(b._l0 ^ t0, b._l1 ^ t1, b._l2 ^ t2, b._l3 ^ t3, b._l4 ^ t4);
        }
    }

    public static FieldElement25519 operator +(in FieldElement25519 a, in FieldElement25519 b) =>
        unchecked(new(a._l0 + b._l0, a._l1 + b._l1, a._l2 + b._l2, a._l3 + b._l3, a._l4 + b._l4));

    /// <summary>Adds 2p first, so that no limb goes below zero; the subtrahend's limbs are below 2^52.</summary>
    public static FieldElement25519 operator -(in FieldElement25519 a, in FieldElement25519 b) => unchecked(new(
        a._l0 + 0xFFFFFFFFFFFDA - b._l0,
        a._l1 + 0xFFFFFFFFFFFFE - b._l1,
        a._l2 + 0xFFFFFFFFFFFFE - b._l2,
        a._l3 + 0xFFFFFFFFFFFFE - b._l3,
        a._l4 + 0xFFFFFFFFFFFFE - b._l4));

    public static FieldElement25519 operator *(in FieldElement25519 a, in FieldElement25519 b)
    {
        unchecked
        {
            ulong b1 = b._l1 * 19;
            ulong b2 = b._l2 * 19;
            ulong b3 = b._l3 * 19;
            ulong b4 = b._l4 * 19;
            Wide r0 = Wide.Sum(a._l0, b._l0, a._l1, b4, a._l2, b3, a._l3, b2, a._l4, b1);
            Wide r1 = Wide.Sum(a._l0, b._l1, a._l1, b._l0, a._l2, b4, a._l3, b3, a._l4, b2);
            Wide r2 = Wide.Sum(a._l0, b._l2, a._l1, b._l1, a._l2, b._l0, a._l3, b4, a._l4, b3);
            Wide r3 = Wide.Sum(a._l0, b._l3, a._l1, b._l2, a._l2, b._l1, a._l3, b._l0, a._l4, b4);
            Wide r4 = Wide.Sum(a._l0, b._l4, a._l1, b._l3, a._l2, b._l2, a._l3, b._l1, a._l4, b._l0);
            return Reduce(r0, r1, r2, r3, r4);
        }
    }

    internal FieldElement25519 Square() => this * this;

    /// <summary>This value squared <paramref name="count"/> times: x^(2^count).</summary>
    internal FieldElement25519 Square(int count)
    {
        FieldElement25519 x = this;
        for (int i = 0; i < count; i++)
            x = x.Square();
        return x;
    }

    internal FieldElement25519 MultiplySmall(uint factor) => this * new FieldElement25519(factor, 0, 0, 0, 0);

    /// <summary>x^(p - 2), which is 1/x and 0 for 0: 254 squarings and 11 products.</summary>
    internal FieldElement25519 Invert()
    {
        FieldElement25519 x2 = Square();
        FieldElement25519 x9 = x2.Square(2) * this;
        FieldElement25519 x11 = x9 * x2;
        FieldElement25519 e5 = x11.Square() * x9;
        FieldElement25519 e10 = e5.Square(5) * e5;
        FieldElement25519 e20 = e10.Square(10) * e10;
        FieldElement25519 e40 = e20.Square(20) * e20;
        FieldElement25519 e50 = e40.Square(10) * e10;
        FieldElement25519 e100 = e50.Square(50) * e50;
        FieldElement25519 e200 = e100.Square(100) * e100;
        FieldElement25519 e250 = e200.Square(50) * e50;
        return e250.Square(5) * x11;
    }

    private static FieldElement25519 Carry(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4) => unchecked(new(
        (l0 & Mask) + (19 * (l4 >> 51)), (l1 & Mask) + (l0 >> 51), (l2 & Mask) + (l1 >> 51), (l3 & Mask) + (l2 >> 51), (l4 & Mask) + (l3 >> 51)));

    private static FieldElement25519 Reduce(Wide r0, Wide r1, Wide r2, Wide r3, Wide r4)
    {
        unchecked
        {
            r1 = r1.Plus(r0.Above51);
            r2 = r2.Plus(r1.Above51);
            r3 = r3.Plus(r2.Above51);
            r4 = r4.Plus(r3.Above51);
            ulong l0 = (r0.Low & Mask) + (19 * r4.Above51);
            return new(l0 & Mask, (r1.Low & Mask) + (l0 >> 51), r2.Low & Mask, r3.Low & Mask, r4.Low & Mask);
        }
    }

    /// <summary>A 128-bit sum of products.</summary>
    private readonly struct Wide(ulong high, ulong low)
    {
        internal ulong Low => low;

        internal ulong Above51 => (high << 13) | (low >> 51);

        internal static Wide Sum(ulong a0, ulong b0, ulong a1, ulong b1, ulong a2, ulong b2, ulong a3, ulong b3, ulong a4, ulong b4) =>
            Product(a0, b0).Plus(Product(a1, b1)).Plus(Product(a2, b2)).Plus(Product(a3, b3)).Plus(Product(a4, b4));

        internal Wide Plus(ulong value)
        {
            unchecked
            {
                ulong sum = low + value;
                return new(high + Carried(sum, value), sum);
            }
        }

        private static Wide Product(ulong a, ulong b)
        {
            ulong high = Math.BigMul(a, b, out ulong low);
            return new(high, low);
        }

        private Wide Plus(Wide other)
        {
            unchecked
            {
                ulong sum = low + other.Low;
                return new(high + other.High + Carried(sum, other.Low), sum);
            }
        }

        private ulong High => high;

        /// <summary>1 when <paramref name="sum"/> wrapped: compiled to a flag, not to a branch.</summary>
        private static ulong Carried(ulong sum, ulong addend) => sum < addend ? 1UL : 0UL;
    }
}
