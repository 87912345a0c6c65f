using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>ristretto255 with SHA-512 (RFC 9497 section 4.1). Elements and scalars have 32 bytes; scalars are little-endian. libsodium hashes to elements and calculates with scalars; who multiplies elements derives from this.</summary>
internal abstract unsafe class Ristretto255Group : PrimeOrderGroup
{
    /// <summary>Bytes of an element, and of a scalar.</summary>
    public const int Size = 32;

    /// <summary>Bytes that become an element or a scalar.</summary>
    private const int WideSize = 64;

    /// <summary>
    /// What multiplies elements here: lanes where the processor has them, else libsodium; null where libsodium is absent, older than 1.0.18, or failed its self-test.
    /// </summary>
    internal static Ristretto255Group? Instance { get; } = LibsodiumRistretto255Group.Instance is { } libsodium ? LaneRistretto255Group.Instance ?? (Ristretto255Group)libsodium : null;

    public sealed override int ElementSize => Size;

    public sealed override int ScalarSize => Size;

    public sealed override HashAlgorithmName Hash => HashAlgorithmName.SHA512;

    public sealed override int HashSize => SHA512.HashSizeInBytes;

    /// <summary>2^252 + 27742317777372353535851937790883648493, little-endian.</summary>
    private static ReadOnlySpan<byte> Order =>
    [
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
    ];

    public sealed override GroupElements? TryDecode(ReadOnlySpan<byte> encodings) =>
        encodings.IsEmpty || encodings.Length % Size != 0 ? null : Decode(encodings);

    public sealed override GroupElements HashToGroup(ReadOnlySpan<byte[]> inputs, ReadOnlySpan<byte> tag)
    {
        var elements = new byte[inputs.Length * Size];
        byte* uniform = stackalloc byte[WideSize];
        fixed (byte* points = elements)
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                ExpandMessage.Xmd(Hash, HashSize, inputs[i], tag, new Span<byte>(uniform, WideSize));
                Check(Libsodium.FromHash(points + (i * Size), uniform));
            }
        }

        return Decode(elements) ?? throw new CryptographicException("An input was hashed to the identity.");
    }

    public sealed override void HashToScalar(ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag, Span<byte> scalar)
    {
        Span<byte> uniform = stackalloc byte[WideSize];
        ExpandMessage.Xmd(Hash, HashSize, input, tag, uniform);
        Reduce(uniform, scalar);
    }

    public sealed override void RandomScalar(Span<byte> scalar)
    {
        Span<byte> uniform = stackalloc byte[WideSize];
        do
        {
            RandomNumberGenerator.Fill(uniform);
            Reduce(uniform, scalar);
        }
        while (IsZero(scalar));
    }

    public sealed override bool IsScalar(ReadOnlySpan<byte> scalar)
    {
        if (scalar.Length != Size)
            return false;

        // Below the order exactly when the subtraction of the order borrows in the end.
        int borrow = 0;
        for (int i = 0; i < Size; i++)
            borrow = (scalar[i] - Order[i] - borrow) < 0 ? 1 : 0;

        return borrow == 1;
    }

    public sealed override void MultiplySubtract(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> result)
    {
        byte* product = stackalloc byte[Size];
        fixed (byte* minuend = a[..Size], left = b[..Size], right = c[..Size], difference = result[..Size])
        {
            Libsodium.MultiplyScalars(product, left, right);
            Libsodium.SubtractScalars(difference, minuend, product);
        }

        CryptographicOperations.ZeroMemory(new Span<byte>(product, Size));
    }

    public sealed override void Invert(ReadOnlySpan<byte> scalars, Span<byte> inverses)
    {
        // Montgomery's trick: with p_i = s_0 * … * s_i, 1/s_i = 1/p_i * p_(i-1), and 1/p_(i-1) = 1/p_i * s_i.
        int count = scalars.Length / Size;
        var products = new byte[count * Size];
        byte* inverse = stackalloc byte[Size];
        fixed (byte* s = scalars, p = products, result = inverses[..(count * Size)])
        {
            scalars[..Size].CopyTo(products);
            for (int i = 1; i < count; i++)
                Libsodium.MultiplyScalars(p + (i * Size), p + ((i - 1) * Size), s + (i * Size));

            Check(Libsodium.InvertScalar(inverse, p + ((count - 1) * Size)));
            for (int i = count - 1; i > 0; i--)
            {
                Libsodium.MultiplyScalars(result + (i * Size), inverse, p + ((i - 1) * Size));
                Libsodium.MultiplyScalars(inverse, inverse, s + (i * Size));
            }

            new Span<byte>(inverse, Size).CopyTo(inverses);
        }

        CryptographicOperations.ZeroMemory(products);
        CryptographicOperations.ZeroMemory(new Span<byte>(inverse, Size));
    }

    /// <summary>Elements of their encodings, one or more; null where one is none, or the identity.</summary>
    protected abstract GroupElements? Decode(ReadOnlySpan<byte> encodings);

    /// <summary>The generator.</summary>
    /// <exception cref="CryptographicException">It is no element here.</exception>
    protected GroupElements DecodeGenerator() =>
        TryDecode(Convert.FromHexString("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))
            ?? throw new CryptographicException("The generator of ristretto255 is not known.");

    /// <summary>Throws for a call that cannot fail with checked elements.</summary>
    internal static void Check(int returnCode)
    {
        if (returnCode != 0)
            throw new CryptographicException("libsodium refused a call that a working platform serves.");
    }

    /// <summary>Erases the wide number.</summary>
    private static void Reduce(Span<byte> wide, Span<byte> scalar)
    {
        fixed (byte* number = wide, result = scalar[..Size])
            Libsodium.ReduceScalar(result, number);
        CryptographicOperations.ZeroMemory(wide);
    }
}
