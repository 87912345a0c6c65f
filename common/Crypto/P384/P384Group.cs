using System.Security.Cryptography;
using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;
using Scalar = Veil.Crypto.Residue384<Veil.Crypto.P384Order>;

namespace Veil.Crypto;

/// <summary>
/// P-384 with SHA-384 (RFC 9497 section 4.4), hash_to_curve suite P384_XMD:SHA-384_SSWU_RO_. Field elements that lead to points, and scalars, are
/// <see cref="Residue384{TModulus}"/>; who adds and multiplies points derives from this.
/// </summary>
internal abstract class P384Group : PrimeOrderGroup
{
    /// <summary>
    /// What multiplies points here: lanes where the processor has them, else libcrypto; null where libcrypto is absent, built without these functions, or
    /// failed its self-test. Lanes too are used beside libcrypto only, so that what a process can do never follows from its processor.
    /// </summary>
    internal static P384Group? Instance { get; } = LibcryptoP384Group.Instance is { } libcrypto ? LaneP384Group.Instance ?? (P384Group)libcrypto : null;

    public sealed override int ElementSize => P384Point.CompressedSize;

    public sealed override int ScalarSize => Scalar.Size;

    public sealed override HashAlgorithmName Hash => HashAlgorithmName.SHA384;

    public sealed override int HashSize => SHA384.HashSizeInBytes;

    public sealed override GroupElements? TryDecode(ReadOnlySpan<byte> encodings)
    {
        if (encodings.IsEmpty || encodings.Length % ElementSize != 0)
            return null;

        var points = new P384Point[encodings.Length / ElementSize];
        return P384Map.TryDecompress(encodings, points, Raise) ? Take(points) : null;
    }

    public sealed override GroupElements HashToGroup(ReadOnlySpan<byte[]> inputs, ReadOnlySpan<byte> tag)
    {
        // hash_to_curve (RFC 9380 section 3): the sum of the points that two elements of the field are mapped to.
        Span<byte> uniform = stackalloc byte[2 * Field.WideSize];
        var elements = new Field[2 * inputs.Length];
        var points = new P384Point[elements.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            ExpandMessage.Xmd(Hash, HashSize, inputs[i], tag, uniform);
            elements[i] = Field.ReduceWide(uniform[..Field.WideSize]);
            elements[inputs.Length + i] = Field.ReduceWide(uniform[Field.WideSize..]);
        }

        P384Map.Map(elements, points, Raise);
        Array.Clear(elements);
        CryptographicOperations.ZeroMemory(uniform);
        GroupElements sums = Add(points.AsSpan(0, inputs.Length), points.AsSpan(inputs.Length));
        Array.Clear(points);
        return sums;
    }

    public sealed override void HashToScalar(ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag, Span<byte> scalar)
    {
        Span<byte> uniform = stackalloc byte[Scalar.WideSize];
        ExpandMessage.Xmd(Hash, HashSize, input, tag, uniform);
        Scalar.ReduceWide(uniform).Write(scalar);
        CryptographicOperations.ZeroMemory(uniform);
    }

    public sealed override void RandomScalar(Span<byte> scalar)
    {
        do
        {
            RandomNumberGenerator.Fill(scalar);
        }
        while (!IsScalar(scalar) || IsZero(scalar));
    }

    public sealed override bool IsScalar(ReadOnlySpan<byte> scalar) => scalar.Length == ScalarSize && Scalar.TryRead(scalar, out _);

    public sealed override void MultiplySubtract(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> result) =>
        (Read(a) - (Read(b) * Read(c))).Write(result);

    public sealed override void Invert(ReadOnlySpan<byte> scalars, Span<byte> inverses)
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

    /// <summary>The list of these points.</summary>
    /// <param name="points">Points of the curve, the caller's no more.</param>
    protected abstract GroupElements Take(P384Point[] points);

    /// <summary>The sum of the two points of each place.</summary>
    /// <exception cref="CryptographicException">A sum is the point at infinity, which no hash is known to lead to.</exception>
    protected abstract GroupElements Add(ReadOnlySpan<P384Point> first, ReadOnlySpan<P384Point> second);

    /// <summary>Raises each number in place to a public exponent.</summary>
    protected virtual void Raise(Span<Field> numbers, ReadOnlySpan<byte> exponent)
    {
        foreach (ref Field number in numbers)
            number = number.Power(exponent);
    }

    private static Scalar Read(ReadOnlySpan<byte> scalar) =>
        Scalar.TryRead(scalar, out Scalar value) ? value : throw new ArgumentException("Not a scalar.", nameof(scalar));
}
