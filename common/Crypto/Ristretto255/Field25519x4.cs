using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Veil.Crypto;

/// <summary>
/// Four integers modulo 2^255 - 19, one in each lane of ten limbs of 26 and 25 bits in turn. Limbs are signed and carries are put off, so that sums and differences are limb by
/// limb. Every operation takes the same time for all values.
/// </summary>
/// <remarks>
/// A value's <b>width</b> is the largest magnitude of one of its limbs in units of 2^25 for those of 26 bits and of 2^24 for those of 25: 1.01 for a product and a square, the sum
/// of both for a sum or difference. <see cref="Multiply"/> and <see cref="Square(in Field25519x4, out Field25519x4)"/> take widths up to 3.3: 19 times a limb then has 31 bits, and
/// the sum of ten products 61. Everything else takes widths up to 16.
/// </remarks>
[InlineArray(Limbs)]
internal struct Field25519x4
{
    /// <summary>Elements to a calculation.</summary>
    public const int Lanes = 4;

    /// <summary>Limbs of a number.</summary>
    public const int Limbs = 10;

    /// <summary>Bytes of an encoding.</summary>
    public const int Size = 32;

    private const int WideBits = 26;
    private const int NarrowBits = 25;

    /// <summary>1.</summary>
    public static readonly Field25519x4 One = Broadcast(1);

    /// <summary>sqrt(-1), the even one.</summary>
    public static readonly Field25519x4 RootOfMinusOne = Broadcast("b0a00e4a271beec478e42fad0618432fa7d7fb3d99004d2b0bdfc14f8024832b");

    private Vector256<long> _limb;

    /// <summary>Where a limb of 26 or 25 bits begins.</summary>
    private static ReadOnlySpan<byte> Starts => [0, 26, 51, 77, 102, 128, 153, 179, 204, 230, 255];

    /// <summary>A small number in all lanes.</summary>
    public static Field25519x4 Broadcast(int value)
    {
        Field25519x4 result = default;
        result[0] = Vector256.Create((long)value);
        return result;
    }

    /// <summary>The same number in all lanes.</summary>
    /// <param name="digits">64 hexadecimal digits, little-endian.</param>
    public static Field25519x4 Broadcast(string digits)
    {
        byte[] bytes = Convert.FromHexString(digits);
        Load([.. bytes, .. bytes, .. bytes, .. bytes], out Field25519x4 result);
        return result;
    }

    /// <summary>Takes in four numbers below 2^255 of 32 bytes each, little-endian; the highest bit of each is passed over.</summary>
    public static void Load(ReadOnlySpan<byte> bytes, out Field25519x4 result)
    {
        Span<byte> number = stackalloc byte[Size + sizeof(ulong)];
        Span<long> limbs = stackalloc long[Lanes * Limbs];
        number.Clear();
        for (int lane = 0; lane < Lanes; lane++)
        {
            bytes.Slice(lane * Size, Size).CopyTo(number);
            for (int i = 0; i < Limbs; i++)
            {
                int start = Starts[i];
                ulong word = BinaryPrimitives.ReadUInt64LittleEndian(number[(start / 8)..]) >> (start % 8);
                limbs[(i * Lanes) + lane] = (long)(word & ((1UL << (Starts[i + 1] - start)) - 1));
            }
        }

        Unsafe.SkipInit(out result);
        for (int i = 0; i < Limbs; i++)
            result[i] = Vector256.Create<long>(limbs.Slice(i * Lanes, Lanes));
        Carry(result, out result);
        number.Clear();
        limbs.Clear();
    }

    /// <summary>Writes the four numbers, below 2^255 - 19 and little-endian.</summary>
    public readonly void Store(Span<byte> bytes)
    {
        Reduce(this, out Field25519x4 reduced);
        Span<ulong> words = stackalloc ulong[(Size / sizeof(ulong)) + 1];
        for (int lane = 0; lane < Lanes; lane++)
        {
            words.Clear();
            for (int i = 0; i < Limbs; i++)
            {
                ulong limb = (ulong)reduced[i].GetElement(lane);
                int shift = Starts[i] % 64;
                words[Starts[i] / 64] |= limb << shift;
                words[(Starts[i] / 64) + 1] |= shift is 0 ? 0 : limb >> (64 - shift);
            }

            for (int i = 0; i < Size / sizeof(ulong); i++)
                BinaryPrimitives.WriteUInt64LittleEndian(bytes[((lane * Size) + (i * sizeof(ulong)))..], words[i]);
        }

        words.Clear();
    }

    [SkipLocalsInit]
    public static void Add(in Field25519x4 left, in Field25519x4 right, out Field25519x4 sum)
    {
        Unsafe.SkipInit(out sum);
        ref Vector256<long> a = ref First(in left), b = ref First(in right), r = ref First(in sum);
        for (int i = 0; i < Limbs; i++)
            Unsafe.Add(ref r, i) = Unsafe.Add(ref a, i) + Unsafe.Add(ref b, i);
    }

    [SkipLocalsInit]
    public static void Subtract(in Field25519x4 left, in Field25519x4 right, out Field25519x4 difference)
    {
        Unsafe.SkipInit(out difference);
        ref Vector256<long> a = ref First(in left), b = ref First(in right), r = ref First(in difference);
        for (int i = 0; i < Limbs; i++)
            Unsafe.Add(ref r, i) = Unsafe.Add(ref a, i) - Unsafe.Add(ref b, i);
    }

    /// <summary>The negative in the lanes whose mask is set.</summary>
    [SkipLocalsInit]
    public static void Negate(in Field25519x4 value, Vector256<long> mask, out Field25519x4 result)
    {
        Unsafe.SkipInit(out result);
        ref Vector256<long> a = ref First(in value), r = ref First(in result);
        for (int i = 0; i < Limbs; i++)
            Unsafe.Add(ref r, i) = (Unsafe.Add(ref a, i) ^ mask) - mask;
    }

    /// <summary>One number in the lanes whose mask is set, the other in the rest.</summary>
    [SkipLocalsInit]
    public static void Select(Vector256<long> mask, in Field25519x4 whenSet, in Field25519x4 whenClear, out Field25519x4 result)
    {
        Unsafe.SkipInit(out result);
        ref Vector256<long> a = ref First(in whenSet), b = ref First(in whenClear), r = ref First(in result);
        for (int i = 0; i < Limbs; i++)
            Unsafe.Add(ref r, i) = Vector256.ConditionalSelect(mask, Unsafe.Add(ref a, i), Unsafe.Add(ref b, i));
    }

    /// <summary>The numbers of other lanes: those one place, or two places, to the right.</summary>
    public static void Permute(in Field25519x4 value, int step, out Field25519x4 result)
    {
        Unsafe.SkipInit(out result);
        for (int i = 0; i < Limbs; i++)
            result[i] = step == 1 ? Avx2.Permute4x64(value[i], 0b00_11_10_01) : Avx2.Permute4x64(value[i], 0b01_00_11_10);
    }

    /// <summary>The lanes whose numbers are odd: negative, as RFC 9496 section 3.1 has it.</summary>
    public static Vector256<long> IsNegative(in Field25519x4 value)
    {
        Reduce(value, out Field25519x4 reduced);
        return Vector256<long>.Zero - (reduced[0] & Vector256<long>.One);
    }

    /// <summary>The lanes whose numbers are 0.</summary>
    public static Vector256<long> IsZero(in Field25519x4 value)
    {
        Reduce(value, out Field25519x4 reduced);
        Vector256<long> any = reduced[0];
        for (int i = 1; i < Limbs; i++)
            any |= reduced[i];
        return Vector256.Equals(any, Vector256<long>.Zero);
    }

    /// <summary>The same numbers with a width of 1.01.</summary>
    [SkipLocalsInit]
    public static void Carry(in Field25519x4 value, out Field25519x4 result)
    {
        Unsafe.SkipInit(out result);
        ref Vector256<long> f = ref First(in value), r = ref First(in result);
        Settle(
            f,
            Unsafe.Add(ref f, 1),
            Unsafe.Add(ref f, 2),
            Unsafe.Add(ref f, 3),
            Unsafe.Add(ref f, 4),
            Unsafe.Add(ref f, 5),
            Unsafe.Add(ref f, 6),
            Unsafe.Add(ref f, 7),
            Unsafe.Add(ref f, 8),
            Unsafe.Add(ref f, 9),
            ref r);
    }

    /// <summary>The products. The result may be the place of a factor.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in Field25519x4 left, in Field25519x4 right, out Field25519x4 product)
    {
        Unsafe.SkipInit(out product);
        ref Vector256<long> f = ref First(in left), g = ref First(in right), r = ref First(in product);
        Vector256<int> g0 = Unsafe.Add(ref g, 0).AsInt32();
        Vector256<int> g1 = Unsafe.Add(ref g, 1).AsInt32();
        Vector256<int> g2 = Unsafe.Add(ref g, 2).AsInt32();
        Vector256<int> g3 = Unsafe.Add(ref g, 3).AsInt32();
        Vector256<int> g4 = Unsafe.Add(ref g, 4).AsInt32();
        Vector256<int> g5 = Unsafe.Add(ref g, 5).AsInt32();
        Vector256<int> g6 = Unsafe.Add(ref g, 6).AsInt32();
        Vector256<int> g7 = Unsafe.Add(ref g, 7).AsInt32();
        Vector256<int> g8 = Unsafe.Add(ref g, 8).AsInt32();
        Vector256<int> g9 = Unsafe.Add(ref g, 9).AsInt32();

        // What wraps around at 2^255 counts nineteen times, and what stands between two limbs of 25 bits twice.
        Vector256<int> g1w = Nineteen(g1);
        Vector256<int> g2w = Nineteen(g2);
        Vector256<int> g3w = Nineteen(g3);
        Vector256<int> g4w = Nineteen(g4);
        Vector256<int> g5w = Nineteen(g5);
        Vector256<int> g6w = Nineteen(g6);
        Vector256<int> g7w = Nineteen(g7);
        Vector256<int> g8w = Nineteen(g8);
        Vector256<int> g9w = Nineteen(g9);

        Vector256<int> factor = Unsafe.Add(ref f, 0).AsInt32();
        Vector256<long> h0 = Avx2.Multiply(factor, g0);
        Vector256<long> h1 = Avx2.Multiply(factor, g1);
        Vector256<long> h2 = Avx2.Multiply(factor, g2);
        Vector256<long> h3 = Avx2.Multiply(factor, g3);
        Vector256<long> h4 = Avx2.Multiply(factor, g4);
        Vector256<long> h5 = Avx2.Multiply(factor, g5);
        Vector256<long> h6 = Avx2.Multiply(factor, g6);
        Vector256<long> h7 = Avx2.Multiply(factor, g7);
        Vector256<long> h8 = Avx2.Multiply(factor, g8);
        Vector256<long> h9 = Avx2.Multiply(factor, g9);

        factor = Unsafe.Add(ref f, 1).AsInt32();
        Vector256<int> twice = factor + factor;
        h0 += Avx2.Multiply(twice, g9w);
        h1 += Avx2.Multiply(factor, g0);
        h2 += Avx2.Multiply(twice, g1);
        h3 += Avx2.Multiply(factor, g2);
        h4 += Avx2.Multiply(twice, g3);
        h5 += Avx2.Multiply(factor, g4);
        h6 += Avx2.Multiply(twice, g5);
        h7 += Avx2.Multiply(factor, g6);
        h8 += Avx2.Multiply(twice, g7);
        h9 += Avx2.Multiply(factor, g8);

        factor = Unsafe.Add(ref f, 2).AsInt32();
        h0 += Avx2.Multiply(factor, g8w);
        h1 += Avx2.Multiply(factor, g9w);
        h2 += Avx2.Multiply(factor, g0);
        h3 += Avx2.Multiply(factor, g1);
        h4 += Avx2.Multiply(factor, g2);
        h5 += Avx2.Multiply(factor, g3);
        h6 += Avx2.Multiply(factor, g4);
        h7 += Avx2.Multiply(factor, g5);
        h8 += Avx2.Multiply(factor, g6);
        h9 += Avx2.Multiply(factor, g7);

        factor = Unsafe.Add(ref f, 3).AsInt32();
        twice = factor + factor;
        h0 += Avx2.Multiply(twice, g7w);
        h1 += Avx2.Multiply(factor, g8w);
        h2 += Avx2.Multiply(twice, g9w);
        h3 += Avx2.Multiply(factor, g0);
        h4 += Avx2.Multiply(twice, g1);
        h5 += Avx2.Multiply(factor, g2);
        h6 += Avx2.Multiply(twice, g3);
        h7 += Avx2.Multiply(factor, g4);
        h8 += Avx2.Multiply(twice, g5);
        h9 += Avx2.Multiply(factor, g6);

        factor = Unsafe.Add(ref f, 4).AsInt32();
        h0 += Avx2.Multiply(factor, g6w);
        h1 += Avx2.Multiply(factor, g7w);
        h2 += Avx2.Multiply(factor, g8w);
        h3 += Avx2.Multiply(factor, g9w);
        h4 += Avx2.Multiply(factor, g0);
        h5 += Avx2.Multiply(factor, g1);
        h6 += Avx2.Multiply(factor, g2);
        h7 += Avx2.Multiply(factor, g3);
        h8 += Avx2.Multiply(factor, g4);
        h9 += Avx2.Multiply(factor, g5);

        factor = Unsafe.Add(ref f, 5).AsInt32();
        twice = factor + factor;
        h0 += Avx2.Multiply(twice, g5w);
        h1 += Avx2.Multiply(factor, g6w);
        h2 += Avx2.Multiply(twice, g7w);
        h3 += Avx2.Multiply(factor, g8w);
        h4 += Avx2.Multiply(twice, g9w);
        h5 += Avx2.Multiply(factor, g0);
        h6 += Avx2.Multiply(twice, g1);
        h7 += Avx2.Multiply(factor, g2);
        h8 += Avx2.Multiply(twice, g3);
        h9 += Avx2.Multiply(factor, g4);

        factor = Unsafe.Add(ref f, 6).AsInt32();
        h0 += Avx2.Multiply(factor, g4w);
        h1 += Avx2.Multiply(factor, g5w);
        h2 += Avx2.Multiply(factor, g6w);
        h3 += Avx2.Multiply(factor, g7w);
        h4 += Avx2.Multiply(factor, g8w);
        h5 += Avx2.Multiply(factor, g9w);
        h6 += Avx2.Multiply(factor, g0);
        h7 += Avx2.Multiply(factor, g1);
        h8 += Avx2.Multiply(factor, g2);
        h9 += Avx2.Multiply(factor, g3);

        factor = Unsafe.Add(ref f, 7).AsInt32();
        twice = factor + factor;
        h0 += Avx2.Multiply(twice, g3w);
        h1 += Avx2.Multiply(factor, g4w);
        h2 += Avx2.Multiply(twice, g5w);
        h3 += Avx2.Multiply(factor, g6w);
        h4 += Avx2.Multiply(twice, g7w);
        h5 += Avx2.Multiply(factor, g8w);
        h6 += Avx2.Multiply(twice, g9w);
        h7 += Avx2.Multiply(factor, g0);
        h8 += Avx2.Multiply(twice, g1);
        h9 += Avx2.Multiply(factor, g2);

        factor = Unsafe.Add(ref f, 8).AsInt32();
        h0 += Avx2.Multiply(factor, g2w);
        h1 += Avx2.Multiply(factor, g3w);
        h2 += Avx2.Multiply(factor, g4w);
        h3 += Avx2.Multiply(factor, g5w);
        h4 += Avx2.Multiply(factor, g6w);
        h5 += Avx2.Multiply(factor, g7w);
        h6 += Avx2.Multiply(factor, g8w);
        h7 += Avx2.Multiply(factor, g9w);
        h8 += Avx2.Multiply(factor, g0);
        h9 += Avx2.Multiply(factor, g1);

        factor = Unsafe.Add(ref f, 9).AsInt32();
        twice = factor + factor;
        h0 += Avx2.Multiply(twice, g1w);
        h1 += Avx2.Multiply(factor, g2w);
        h2 += Avx2.Multiply(twice, g3w);
        h3 += Avx2.Multiply(factor, g4w);
        h4 += Avx2.Multiply(twice, g5w);
        h5 += Avx2.Multiply(factor, g6w);
        h6 += Avx2.Multiply(twice, g7w);
        h7 += Avx2.Multiply(factor, g8w);
        h8 += Avx2.Multiply(twice, g9w);
        h9 += Avx2.Multiply(factor, g0);

        Settle(h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, ref r);
    }

    /// <summary>The squares. The result may be the place of the number.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(in Field25519x4 value, out Field25519x4 square)
    {
        Unsafe.SkipInit(out square);
        ref Vector256<long> f = ref First(in value), r = ref First(in square);
        Vector256<int> f0 = Unsafe.Add(ref f, 0).AsInt32();
        Vector256<int> f1 = Unsafe.Add(ref f, 1).AsInt32();
        Vector256<int> f2 = Unsafe.Add(ref f, 2).AsInt32();
        Vector256<int> f3 = Unsafe.Add(ref f, 3).AsInt32();
        Vector256<int> f4 = Unsafe.Add(ref f, 4).AsInt32();
        Vector256<int> f5 = Unsafe.Add(ref f, 5).AsInt32();
        Vector256<int> f6 = Unsafe.Add(ref f, 6).AsInt32();
        Vector256<int> f7 = Unsafe.Add(ref f, 7).AsInt32();
        Vector256<int> f8 = Unsafe.Add(ref f, 8).AsInt32();
        Vector256<int> f9 = Unsafe.Add(ref f, 9).AsInt32();
        Vector256<int> f5w = Nineteen(f5);
        Vector256<int> f6w = Nineteen(f6);
        Vector256<int> f7w = Nineteen(f7);
        Vector256<int> f8w = Nineteen(f8);
        Vector256<int> f9w = Nineteen(f9);

        Vector256<int> twice = f0 + f0;
        Vector256<long> h0 = Avx2.Multiply(f0, f0);
        Vector256<long> h1 = Avx2.Multiply(twice, f1);
        Vector256<long> h2 = Avx2.Multiply(twice, f2);
        Vector256<long> h3 = Avx2.Multiply(twice, f3);
        Vector256<long> h4 = Avx2.Multiply(twice, f4);
        Vector256<long> h5 = Avx2.Multiply(twice, f5);
        Vector256<long> h6 = Avx2.Multiply(twice, f6);
        Vector256<long> h7 = Avx2.Multiply(twice, f7);
        Vector256<long> h8 = Avx2.Multiply(twice, f8);
        Vector256<long> h9 = Avx2.Multiply(twice, f9);

        twice = f1 + f1;
        Vector256<int> fourfold = twice + twice;
        h2 += Avx2.Multiply(twice, f1);
        h3 += Avx2.Multiply(twice, f2);
        h4 += Avx2.Multiply(fourfold, f3);
        h5 += Avx2.Multiply(twice, f4);
        h6 += Avx2.Multiply(fourfold, f5);
        h7 += Avx2.Multiply(twice, f6);
        h8 += Avx2.Multiply(fourfold, f7);
        h9 += Avx2.Multiply(twice, f8);
        h0 += Avx2.Multiply(fourfold, f9w);

        twice = f2 + f2;
        h4 += Avx2.Multiply(f2, f2);
        h5 += Avx2.Multiply(twice, f3);
        h6 += Avx2.Multiply(twice, f4);
        h7 += Avx2.Multiply(twice, f5);
        h8 += Avx2.Multiply(twice, f6);
        h9 += Avx2.Multiply(twice, f7);
        h0 += Avx2.Multiply(twice, f8w);
        h1 += Avx2.Multiply(twice, f9w);

        twice = f3 + f3;
        fourfold = twice + twice;
        h6 += Avx2.Multiply(twice, f3);
        h7 += Avx2.Multiply(twice, f4);
        h8 += Avx2.Multiply(fourfold, f5);
        h9 += Avx2.Multiply(twice, f6);
        h0 += Avx2.Multiply(fourfold, f7w);
        h1 += Avx2.Multiply(twice, f8w);
        h2 += Avx2.Multiply(fourfold, f9w);

        twice = f4 + f4;
        h8 += Avx2.Multiply(f4, f4);
        h9 += Avx2.Multiply(twice, f5);
        h0 += Avx2.Multiply(twice, f6w);
        h1 += Avx2.Multiply(twice, f7w);
        h2 += Avx2.Multiply(twice, f8w);
        h3 += Avx2.Multiply(twice, f9w);

        twice = f5 + f5;
        fourfold = twice + twice;
        h0 += Avx2.Multiply(twice, f5w);
        h1 += Avx2.Multiply(twice, f6w);
        h2 += Avx2.Multiply(fourfold, f7w);
        h3 += Avx2.Multiply(twice, f8w);
        h4 += Avx2.Multiply(fourfold, f9w);

        twice = f6 + f6;
        h2 += Avx2.Multiply(f6, f6w);
        h3 += Avx2.Multiply(twice, f7w);
        h4 += Avx2.Multiply(twice, f8w);
        h5 += Avx2.Multiply(twice, f9w);

        twice = f7 + f7;
        fourfold = twice + twice;
        h4 += Avx2.Multiply(twice, f7w);
        h5 += Avx2.Multiply(twice, f8w);
        h6 += Avx2.Multiply(fourfold, f9w);

        twice = f8 + f8;
        h6 += Avx2.Multiply(f8, f8w);
        h7 += Avx2.Multiply(twice, f9w);

        twice = f9 + f9;
        h8 += Avx2.Multiply(twice, f9w);

        Settle(h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, ref r);
    }

    /// <summary>The numbers squared so many times.</summary>
    public static void Square(in Field25519x4 value, int times, out Field25519x4 result)
    {
        Square(value, out result);
        for (int i = 1; i < times; i++)
            Square(result, out result);
    }

    /// <summary>The numbers to the power (p - 5) / 8 = 2^252 - 3.</summary>
    public static void RaiseForRoot(in Field25519x4 value, out Field25519x4 result)
    {
        // The names are the exponents: 11, and 2^n - 1.
        Square(value, out Field25519x4 two);
        Square(two, 2, out Field25519x4 eight);
        Multiply(value, eight, out Field25519x4 nine);
        Multiply(two, nine, out Field25519x4 eleven);
        Square(eleven, out Field25519x4 next);
        Multiply(nine, next, out Field25519x4 ones5);
        Square(ones5, 5, out next);
        Multiply(next, ones5, out Field25519x4 ones10);
        Square(ones10, 10, out next);
        Multiply(next, ones10, out Field25519x4 ones20);
        Square(ones20, 20, out next);
        Multiply(next, ones20, out Field25519x4 ones40);
        Square(ones40, 10, out next);
        Multiply(next, ones10, out Field25519x4 ones50);
        Square(ones50, 50, out next);
        Multiply(next, ones50, out Field25519x4 ones100);
        Square(ones100, 100, out next);
        Multiply(next, ones100, out Field25519x4 ones200);
        Square(ones200, 50, out next);
        Multiply(next, ones50, out Field25519x4 ones250);
        Square(ones250, 2, out next);
        Multiply(next, value, out result);
    }

    /// <summary>The same numbers from 0 to p - 1, every limb in its bits.</summary>
    private static void Reduce(in Field25519x4 value, out Field25519x4 result)
    {
        // How often p goes into the number, rounded down: the carry out of its highest limb, had 19 been added.
        Carry(value, out result);
        Vector256<long> quotient = Above(Nineteen(result[9]) + Vector256.Create(1L << 24), NarrowBits);
        for (int i = 0; i < Limbs; i++)
            quotient = Above(result[i] + quotient, BitsOf(i));
        result[0] += Nineteen(quotient);
        for (int i = 0; i < Limbs; i++)
        {
            Vector256<long> carry = Above(result[i], BitsOf(i));
            result[i] -= carry << BitsOf(i);
            if (i + 1 < Limbs)
                result[i + 1] += carry;
        }
    }

    /// <summary>Carries, each limb's excess rounded to the nearest, from two places at once and around the end, until the width is 1.01.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Settle(
        Vector256<long> h0,
        Vector256<long> h1,
        Vector256<long> h2,
        Vector256<long> h3,
        Vector256<long> h4,
        Vector256<long> h5,
        Vector256<long> h6,
        Vector256<long> h7,
        Vector256<long> h8,
        Vector256<long> h9,
        ref Vector256<long> r)
    {
        Vector256<long> halfWide = Vector256.Create(1L << (WideBits - 1));
        Vector256<long> halfNarrow = Vector256.Create(1L << (NarrowBits - 1));
        Vector256<long> carry = Above(h0 + halfWide, WideBits);
        h1 += carry;
        h0 -= carry << WideBits;
        carry = Above(h4 + halfWide, WideBits);
        h5 += carry;
        h4 -= carry << WideBits;
        carry = Above(h1 + halfNarrow, NarrowBits);
        h2 += carry;
        h1 -= carry << NarrowBits;
        carry = Above(h5 + halfNarrow, NarrowBits);
        h6 += carry;
        h5 -= carry << NarrowBits;
        carry = Above(h2 + halfWide, WideBits);
        h3 += carry;
        h2 -= carry << WideBits;
        carry = Above(h6 + halfWide, WideBits);
        h7 += carry;
        h6 -= carry << WideBits;
        carry = Above(h3 + halfNarrow, NarrowBits);
        h4 += carry;
        h3 -= carry << NarrowBits;
        carry = Above(h7 + halfNarrow, NarrowBits);
        h8 += carry;
        h7 -= carry << NarrowBits;
        carry = Above(h4 + halfWide, WideBits);
        h5 += carry;
        h4 -= carry << WideBits;
        carry = Above(h8 + halfWide, WideBits);
        h9 += carry;
        h8 -= carry << WideBits;
        carry = Above(h9 + halfNarrow, NarrowBits);
        h0 += Nineteen(carry);
        h9 -= carry << NarrowBits;
        carry = Above(h0 + halfWide, WideBits);
        h1 += carry;
        h0 -= carry << WideBits;
        r = h0;
        Unsafe.Add(ref r, 1) = h1;
        Unsafe.Add(ref r, 2) = h2;
        Unsafe.Add(ref r, 3) = h3;
        Unsafe.Add(ref r, 4) = h4;
        Unsafe.Add(ref r, 5) = h5;
        Unsafe.Add(ref r, 6) = h6;
        Unsafe.Add(ref r, 7) = h7;
        Unsafe.Add(ref r, 8) = h8;
        Unsafe.Add(ref r, 9) = h9;
    }

    private static int BitsOf(int limb) => limb % 2 == 0 ? WideBits : NarrowBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Nineteen(Vector256<long> value) => (value << 4) + (value << 1) + value;

    /// <summary>19 times the low halves of the lanes, whose high halves are nothing that a product reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Nineteen(Vector256<int> value) => (value << 4) + (value << 1) + value;

    /// <summary>A limb without its lowest bits, rounded down; AVX2 has no signed shift of 64 bits, so that there the limb is lifted above 0 first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Above(Vector256<long> limb, int bits) => Avx512F.VL.IsSupported
        ? limb >> bits
        : ((limb ^ Vector256.Create(long.MinValue)) >>> bits) - Vector256.Create(1L << (63 - bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector256<long> First(in Field25519x4 number) => ref Unsafe.As<Field25519x4, Vector256<long>>(ref Unsafe.AsRef(in number));
}
