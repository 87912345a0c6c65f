using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lane = Veil.Crypto.Field25519x4;
using SignedWindows = Veil.Crypto.SignedWindows<Veil.Crypto.Ristretto255Scalar>;

namespace Veil.Crypto;

/// <summary>Four points of edwards25519 in the form in which they are added: Y + X, Y - X, Z and 2dT.</summary>
internal struct CachedEdwards25519x4
{
    private static readonly CachedEdwards25519x4 Identity = new() { Plus = Lane.One, Minus = Lane.One, Z = Lane.One };

    public Lane Plus;
    public Lane Minus;
    public Lane Z;
    public Lane T2d;

    /// <summary>Each lane's entry of a table, or the identity for 0, negated below 0. Reads the whole table whatever the digits are.</summary>
    /// <param name="multiples">1 to 16 times a point.</param>
    /// <param name="digits">From -16 to 16.</param>
    /// <param name="result">Receives the entries.</param>
    [SkipLocalsInit]
    public static void Select(ReadOnlySpan<CachedEdwards25519x4> multiples, Vector256<long> digits, out CachedEdwards25519x4 result)
    {
        const int size = 4 * Lane.Limbs;
        Vector256<long> sign = Vector256.LessThan(digits, Vector256<long>.Zero);
        Vector256<long> magnitude = (digits ^ sign) - sign;
        Unsafe.SkipInit(out CachedEdwards25519x4 chosen);
        ref Vector256<long> limb = ref First(in chosen);
        ref Vector256<long> zero = ref First(in Identity);
        Vector256<long> mask = Vector256.Equals(magnitude, Vector256<long>.Zero);
        for (int i = 0; i < size; i++)
            Unsafe.Add(ref limb, i) = Unsafe.Add(ref zero, i) & mask;
        for (int k = 1; k <= SignedWindows.Largest; k++)
        {
            ref Vector256<long> entry = ref First(in multiples[k - 1]);
            mask = Vector256.Equals(magnitude, Vector256.Create((long)k));
            for (int i = 0; i < size; i++)
                Unsafe.Add(ref limb, i) |= Unsafe.Add(ref entry, i) & mask;
        }

        Lane.Select(sign, chosen.Minus, chosen.Plus, out result.Plus);
        Lane.Select(sign, chosen.Plus, chosen.Minus, out result.Minus);
        result.Z = chosen.Z;
        Lane.Negate(chosen.T2d, sign, out result.T2d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector256<long> First(in CachedEdwards25519x4 point) => ref Unsafe.As<CachedEdwards25519x4, Vector256<long>>(ref Unsafe.AsRef(in point));
}
