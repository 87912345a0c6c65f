using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;

namespace Veil.Crypto;

/// <summary>
/// Four integers modulo p of P-384, one in each lane of fourteen limbs of 28 bits, in Montgomery's form with R = 2^392. Limbs are signed and carries are
/// put off, so that sums and differences are limb by limb. Every operation takes the same time for all values.
/// </summary>
/// <remarks>
/// Two bounds are kept by the formulas that use this type. A value's <b>width</b> is the largest magnitude of one of its limbs in units of 2^28: 1 for a
/// product and for what <see cref="Carry"/> gives, the sum of both for a sum or difference. A value's <b>size</b> is its magnitude in units of p.
/// <see cref="Multiply"/> takes factors whose widths are below 8 and multiply to at most 9, and whose sizes multiply to at most 128. The last limb is
/// never carried: it is below 2^20 times the size, and far from any width.
/// </remarks>
[InlineArray(Limbs)]
internal struct Field384x4
{
    /// <summary>Points to a calculation.</summary>
    public const int Lanes = 4;

    /// <summary>Limbs of a number.</summary>
    public const int Limbs = 14;

    private const int Bits = 28;
    private const long Mask = (1L << Bits) - 1;

    /// <summary>2^384 modulo p: times this, a number comes out in the form of <see cref="Field"/>, whose R is 2^384.</summary>
    private static readonly Field384x4 Leave = Digits(Field.One);

    /// <summary>2^400 modulo p: times this, the digits of a <see cref="Field"/> come into this form.</summary>
    private static readonly Field384x4 Enter = Digits(Field.From(1UL << 16));

    private Vector256<long> _limb;

    /// <summary>The same number in all lanes.</summary>
    public static Field384x4 Broadcast(in Field value)
    {
        Multiply(Digits(value), Enter, out Field384x4 result);
        return result;
    }

    /// <summary>Takes in one to four numbers; lanes without a number repeat the last.</summary>
    public static void Load(ReadOnlySpan<Field> values, out Field384x4 result)
    {
        Span<long> digits = stackalloc long[Lanes * Limbs];
        for (int lane = 0; lane < Lanes; lane++)
            values[Math.Min(lane, values.Length - 1)].WriteDigits(digits.Slice(lane * Limbs, Limbs));

        Unsafe.SkipInit(out Field384x4 raw);
        for (int i = 0; i < Limbs; i++)
            raw[i] = Vector256.Create(digits[i], digits[Limbs + i], digits[(2 * Limbs) + i], digits[(3 * Limbs) + i]);
        digits.Clear();
        Multiply(raw, Enter, out result);
    }

    /// <summary>Raises each number in place to a public exponent, big-endian, four bits at a time.</summary>
    public static void Raise(Span<Field> numbers, ReadOnlySpan<byte> exponent)
    {
        Span<Field384x4> powers = stackalloc Field384x4[16];
        powers[0] = Broadcast(Field.One);
        for (int start = 0; start < numbers.Length; start += Lanes)
        {
            Span<Field> group = numbers.Slice(start, Math.Min(Lanes, numbers.Length - start));
            Load(group, out powers[1]);
            for (int i = 2; i < powers.Length; i++)
                Multiply(powers[i - 1], powers[1], out powers[i]);

            Field384x4 result = powers[exponent[0] >> 4];
            for (int i = 1; i < exponent.Length * 2; i++)
            {
                int digit = i % 2 == 0 ? exponent[i / 2] >> 4 : exponent[i / 2] & 0xF;
                for (int square = 0; square < 4; square++)
                    Multiply(result, result, out result);
                if (digit != 0)
                    Multiply(result, powers[digit], out result);
            }

            result.Store(group);
        }

        powers[1..].Clear();
    }

    /// <summary>The four numbers, whose size is at most 128.</summary>
    public readonly void Store(Span<Field> values)
    {
        Multiply(this, Leave, out Field384x4 raw);
        Span<long> digits = stackalloc long[Limbs];
        for (int lane = 0; lane < values.Length; lane++)
        {
            for (int i = 0; i < Limbs; i++)
                digits[i] = raw[i].GetElement(lane);
            values[lane] = Field.FromDigits(digits);
        }

        digits.Clear();
    }

    [SkipLocalsInit]
    public static void Add(in Field384x4 left, in Field384x4 right, out Field384x4 sum)
    {
        Unsafe.SkipInit(out sum);
        ref Vector256<long> a = ref First(in left), b = ref First(in right), r = ref First(in sum);
        for (int i = 0; i < Limbs; i++)
            Unsafe.Add(ref r, i) = Unsafe.Add(ref a, i) + Unsafe.Add(ref b, i);
    }

    [SkipLocalsInit]
    public static void Subtract(in Field384x4 left, in Field384x4 right, out Field384x4 difference)
    {
        Unsafe.SkipInit(out difference);
        ref Vector256<long> a = ref First(in left), b = ref First(in right), r = ref First(in difference);
        for (int i = 0; i < Limbs; i++)
            Unsafe.Add(ref r, i) = Unsafe.Add(ref a, i) - Unsafe.Add(ref b, i);
    }

    /// <summary>Three times a number.</summary>
    [SkipLocalsInit]
    public static void Triple(in Field384x4 value, out Field384x4 result)
    {
        Unsafe.SkipInit(out result);
        ref Vector256<long> a = ref First(in value), r = ref First(in result);
        for (int i = 0; i < Limbs; i++)
        {
            Vector256<long> limb = Unsafe.Add(ref a, i);
            Unsafe.Add(ref r, i) = limb + limb + limb;
        }
    }

    /// <summary>The same number with a width of 1: each limb gives what is above its 28 bits to the next one, the last keeps it.</summary>
    [SkipLocalsInit]
    public static void Carry(in Field384x4 value, out Field384x4 result)
    {
        Unsafe.SkipInit(out result);
        ref Vector256<long> a = ref First(in value), r = ref First(in result);
        Vector256<long> carry = Vector256<long>.Zero;
        for (int i = 0; i < Limbs - 1; i++)
        {
            Vector256<long> limb = Unsafe.Add(ref a, i);
            Unsafe.Add(ref r, i) = (limb & Vector256.Create(Mask)) + carry;
            carry = Above(limb);
        }

        Unsafe.Add(ref r, Limbs - 1) = Unsafe.Add(ref a, Limbs - 1) + carry;
    }

    /// <summary>The negative in the lanes whose mask is set.</summary>
    [SkipLocalsInit]
    public static void Negate(in Field384x4 value, Vector256<long> mask, out Field384x4 result)
    {
        Unsafe.SkipInit(out result);
        ref Vector256<long> a = ref First(in value), r = ref First(in result);
        for (int i = 0; i < Limbs; i++)
            Unsafe.Add(ref r, i) = (Unsafe.Add(ref a, i) ^ mask) - mask;
    }

    /// <summary>The numbers in other lanes: each lane gets that of the lane whose number differs by the bit <paramref name="step"/>.</summary>
    public static void Permute(in Field384x4 value, int step, out Field384x4 result)
    {
        Unsafe.SkipInit(out result);
        var from = Vector256.Create(0L, 1, 2, 3) ^ Vector256.Create((long)step);
        for (int i = 0; i < Limbs; i++)
            result[i] = Vector256.Shuffle(value[i], from);
    }

    /// <summary>Montgomery's product: for factors of sizes s and t between -st/256 and 1 + st/256 times p.</summary>
    /// <remarks>
    /// One limb of the left factor a round. -1/p is 1 modulo 2^28, so that the lowest 28 bits of the sum are the q whose multiple of p clears them, and
    /// q * p = q * (2^384 - 2^128 - 2^96 + 2^32 - 1) is added by shifts. A limb gathers 14 products, at most 126 * 2^56 in magnitude, carries below 2^36
    /// and shifted q below 2^48: less than 2^63. The result is (left * right + m * p) / 2^392 with m below 2^392, p being below 2^384. Compiled in full at
    /// once: the first calculations of a process would take seven times as long.
    /// </remarks>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in Field384x4 left, in Field384x4 right, out Field384x4 product)
    {
        Unsafe.SkipInit(out product);
        ref Vector256<long> a = ref First(in left), b = ref First(in right), r = ref First(in product);
        Vector256<int> b0 = b.AsInt32();
        Vector256<int> b1 = Unsafe.Add(ref b, 1).AsInt32();
        Vector256<int> b2 = Unsafe.Add(ref b, 2).AsInt32();
        Vector256<int> b3 = Unsafe.Add(ref b, 3).AsInt32();
        Vector256<int> b4 = Unsafe.Add(ref b, 4).AsInt32();
        Vector256<int> b5 = Unsafe.Add(ref b, 5).AsInt32();
        Vector256<int> b6 = Unsafe.Add(ref b, 6).AsInt32();
        Vector256<int> b7 = Unsafe.Add(ref b, 7).AsInt32();
        Vector256<int> b8 = Unsafe.Add(ref b, 8).AsInt32();
        Vector256<int> b9 = Unsafe.Add(ref b, 9).AsInt32();
        Vector256<int> b10 = Unsafe.Add(ref b, 10).AsInt32();
        Vector256<int> b11 = Unsafe.Add(ref b, 11).AsInt32();
        Vector256<int> b12 = Unsafe.Add(ref b, 12).AsInt32();
        Vector256<int> b13 = Unsafe.Add(ref b, 13).AsInt32();
        Vector256<long> zero = Vector256<long>.Zero;
        Vector256<long> t0 = zero, t1 = zero, t2 = zero, t3 = zero, t4 = zero, t5 = zero, t6 = zero;
        Vector256<long> t7 = zero, t8 = zero, t9 = zero, t10 = zero, t11 = zero, t12 = zero;
        Vector256<long> mask = Vector256.Create(Mask);
        for (int i = 0; i < Limbs; i++)
        {
            // All limbs move down by one place as they gather: t0 is limb i + 1 afterwards.
            Vector256<int> factor = Unsafe.Add(ref a, i).AsInt32();
            Vector256<long> lowest = t0 + Avx2.Multiply(factor, b0);
            Vector256<long> q = lowest & mask;
            t0 = t1 + Avx2.Multiply(factor, b1) + (q << 4) + Above(lowest);
            t1 = t2 + Avx2.Multiply(factor, b2);
            t2 = t3 + Avx2.Multiply(factor, b3) - (q << 12);
            t3 = t4 + Avx2.Multiply(factor, b4) - (q << 16);
            t4 = t5 + Avx2.Multiply(factor, b5);
            t5 = t6 + Avx2.Multiply(factor, b6);
            t6 = t7 + Avx2.Multiply(factor, b7);
            t7 = t8 + Avx2.Multiply(factor, b8);
            t8 = t9 + Avx2.Multiply(factor, b9);
            t9 = t10 + Avx2.Multiply(factor, b10);
            t10 = t11 + Avx2.Multiply(factor, b11);
            t11 = t12 + Avx2.Multiply(factor, b12);
            t12 = Avx2.Multiply(factor, b13) + (q << 20);
        }

        r = t0 & mask;
        t1 += Above(t0);
        Unsafe.Add(ref r, 1) = t1 & mask;
        t2 += Above(t1);
        Unsafe.Add(ref r, 2) = t2 & mask;
        t3 += Above(t2);
        Unsafe.Add(ref r, 3) = t3 & mask;
        t4 += Above(t3);
        Unsafe.Add(ref r, 4) = t4 & mask;
        t5 += Above(t4);
        Unsafe.Add(ref r, 5) = t5 & mask;
        t6 += Above(t5);
        Unsafe.Add(ref r, 6) = t6 & mask;
        t7 += Above(t6);
        Unsafe.Add(ref r, 7) = t7 & mask;
        t8 += Above(t7);
        Unsafe.Add(ref r, 8) = t8 & mask;
        t9 += Above(t8);
        Unsafe.Add(ref r, 9) = t9 & mask;
        t10 += Above(t9);
        Unsafe.Add(ref r, 10) = t10 & mask;
        t11 += Above(t10);
        Unsafe.Add(ref r, 11) = t11 & mask;
        t12 += Above(t11);
        Unsafe.Add(ref r, 12) = t12 & mask;
        Unsafe.Add(ref r, 13) = Above(t12);
    }

    /// <summary>A limb without its lowest 28 bits, rounded down; AVX2 has no signed shift of 64 bits, so that there the limb is lifted above 0 first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Above(Vector256<long> limb) => Avx512F.VL.IsSupported
        ? Avx512F.VL.ShiftRightArithmetic(limb, Bits)
        : ((limb ^ Vector256.Create(long.MinValue)) >>> Bits) - Vector256.Create(1L << (63 - Bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector256<long> First(in Field384x4 number) => ref Unsafe.As<Field384x4, Vector256<long>>(ref Unsafe.AsRef(in number));

    private static Field384x4 Digits(in Field value)
    {
        Span<long> digits = stackalloc long[Limbs];
        value.WriteDigits(digits);
        Field384x4 result = default;
        for (int i = 0; i < Limbs; i++)
            result[i] = Vector256.Create(digits[i]);
        return result;
    }
}
