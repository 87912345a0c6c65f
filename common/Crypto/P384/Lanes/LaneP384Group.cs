using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;

namespace Veil.Crypto;

/// <summary>P-384 whose points are added and multiplied four at a time, in the lanes of AVX2.</summary>
internal sealed class LaneP384Group : P384Group
{
    private LaneP384Group() => Generator = Take([P384Map.Generator]);

    /// <summary>The one instance; null where the processor has no AVX2, or where the self-test failed.</summary>
    internal static new LaneP384Group? Instance { get; } = Start();

    public override GroupElements Generator { get; }

    public override void Multiply(ReadOnlySpan<byte> scalars, Span<byte> encodings, params ReadOnlySpan<GroupElements> lists)
    {
        using LanePoints points = LanePoints.Join(lists);
        using GroupElements products = points.Multiply(scalars);
        products.Encode(encodings);
    }

    public override GroupElements? Combine(ReadOnlySpan<byte> weights, params ReadOnlySpan<GroupElements> lists)
    {
        using LanePoints points = LanePoints.Join(lists);
        return points.Combine(weights);
    }

    protected override GroupElements Take(P384Point[] points) => new LanePoints(points);

    protected override GroupElements Add(ReadOnlySpan<P384Point> first, ReadOnlySpan<P384Point> second) =>
        new LanePoints(LaneCalculation.Add(first, second));

    protected override void Raise(Span<Field> numbers, ReadOnlySpan<byte> exponent) => Field384x4.Raise(numbers, exponent);

    private static LaneP384Group? Start()
    {
        if (!Avx2.IsSupported)
            return null;

        try
        {
            var group = new LaneP384Group();
            return VoprfSelfTest.Passes(group, places: Field384x4.Lanes + 1) ? group : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
