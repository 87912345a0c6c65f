using System.Security.Cryptography;
using Scalar = Veil.Crypto.Residue384<Veil.Crypto.P384Order>;

namespace Veil.Crypto;

/// <summary>
/// P-384 with SHA-384 (RFC 9497 section 4.4), hash_to_curve suite P384_XMD:SHA-384_SSWU_RO_. libcrypto adds and multiplies points; field elements that lead to
/// points, and scalars, are <see cref="Residue384{TModulus}"/>.
/// </summary>
internal sealed class P384Group : PrimeOrderGroup
{
    /// <summary>The EC_GROUP; read-only, shared by threads, and kept until the process ends.</summary>
    private readonly nint _curve;

    private P384Group(nint curve)
    {
        _curve = curve;
        Generator = TryDecode(Convert.FromHexString("03aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"))
            ?? throw new CryptographicException("libcrypto does not know the generator of P-384.");
    }

    /// <summary>The one instance; null where libcrypto is absent, built without these functions, or failed its self-test.</summary>
    internal static P384Group? Instance { get; } = Start();

    public override int ElementSize => P384Map.CompressedSize;

    public override int ScalarSize => Scalar.Size;

    public override HashAlgorithmName Hash => HashAlgorithmName.SHA384;

    public override int HashSize => SHA384.HashSizeInBytes;

    public override GroupElements Generator { get; }

    public override GroupElements? TryDecode(ReadOnlySpan<byte> encodings)
    {
        if (encodings.IsEmpty || encodings.Length % ElementSize != 0)
            return null;

        using var frame = BignumFrame.Start();
        Span<byte> uncompressed = stackalloc byte[P384Map.UncompressedSize];
        var points = new P384Points(_curve, encodings.Length / ElementSize);
        for (int i = 0; i < points.Count; i++)
        {
            if (!P384Map.TryDecompress(encodings.Slice(i * ElementSize, ElementSize), uncompressed))
            {
                points.Dispose();
                return null;
            }

            points.Read(i, uncompressed, frame);
        }

        return points;
    }

    public override GroupElements HashToGroup(ReadOnlySpan<byte[]> inputs, ReadOnlySpan<byte> tag)
    {
        using var frame = BignumFrame.Start();
        Span<byte> uniform = stackalloc byte[2 * Scalar.WideSize];
        Span<byte> first = stackalloc byte[P384Map.UncompressedSize];
        Span<byte> second = stackalloc byte[P384Map.UncompressedSize];
        using var other = new P384Points(_curve, 1);
        var points = new P384Points(_curve, inputs.Length);
        for (int i = 0; i < inputs.Length; i++)
        {
            ExpandMessage.Xmd(Hash, HashSize, inputs[i], tag, uniform);
            P384Map.MapPair(uniform, first, second);
            points.Read(i, first, frame);
            other.Read(0, second, frame);
            points.Add(i, other, frame);
        }

        return points;
    }

    public override void HashToScalar(ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag, Span<byte> scalar)
    {
        Span<byte> uniform = stackalloc byte[Scalar.WideSize];
        ExpandMessage.Xmd(Hash, HashSize, input, tag, uniform);
        Scalar.ReduceWide(uniform).Write(scalar);
        CryptographicOperations.ZeroMemory(uniform);
    }

    public override void RandomScalar(Span<byte> scalar)
    {
        do
        {
            RandomNumberGenerator.Fill(scalar);
        }
        while (!IsScalar(scalar) || IsZero(scalar));
    }

    public override bool IsScalar(ReadOnlySpan<byte> scalar) => scalar.Length == ScalarSize && Scalar.TryRead(scalar, out _);

    public override void MultiplySubtract(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> result) =>
        (Read(a) - (Read(b) * Read(c))).Write(result);

    public override void Invert(ReadOnlySpan<byte> scalars, Span<byte> inverses)
    {
        // Montgomery's trick: with p_i = s_0 * … * s_i, 1/s_i = 1/p_i * p_(i-1), and 1/p_(i-1) = 1/p_i * s_i.
        int count = scalars.Length / ScalarSize;
        var products = new Scalar[count];
        Scalar product = Scalar.One;
        for (int i = 0; i < count; i++)
        {
            product *= Read(scalars.Slice(i * ScalarSize, ScalarSize));
            products[i] = product;
        }

        Scalar inverse = product.Invert();
        for (int i = count - 1; i >= 0; i--)
        {
            Scalar scalar = Read(scalars.Slice(i * ScalarSize, ScalarSize));
            (i == 0 ? inverse : inverse * products[i - 1]).Write(inverses.Slice(i * ScalarSize, ScalarSize));
            inverse *= scalar;
        }

        Array.Clear(products);
    }

    public override GroupElements? Combine(ReadOnlySpan<byte> weights, params ReadOnlySpan<GroupElements> lists) => P384Points.Combine(_curve, weights, lists);

    private static Scalar Read(ReadOnlySpan<byte> scalar) =>
        Scalar.TryRead(scalar, out Scalar value) ? value : throw new ArgumentException("Not a scalar.", nameof(scalar));

    private static P384Group? Start()
    {
        if (!Libcrypto.IsLoaded || !Libcrypto.Has("EC_POINTs_mul") || Libcrypto.NewCurve(Libcrypto.P384) is not (not 0 and nint curve))
            return null;

        try
        {
            var group = new P384Group(curve);
            return VoprfSelfTest.Passes(group) ? group : null;
        }
        catch (Exception e) when (e is CryptographicException or EntryPointNotFoundException)
        {
            Libcrypto.FreeCurve(curve);
            return null;
        }
    }
}
