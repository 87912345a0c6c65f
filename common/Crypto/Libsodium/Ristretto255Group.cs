using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>ristretto255 with SHA-512 (RFC 9497 section 4.1), by libsodium. Elements and scalars have 32 bytes; scalars are little-endian.</summary>
internal sealed unsafe class Ristretto255Group : PrimeOrderGroup
{
    /// <summary>Bytes of an element, and of a scalar.</summary>
    public const int Size = 32;

    /// <summary>Bytes that become an element or a scalar.</summary>
    private const int WideSize = 64;

    private Ristretto255Group() =>
        Generator = TryDecode(Convert.FromHexString("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))
            ?? throw new CryptographicException("libsodium does not know the generator of ristretto255.");

    /// <summary>The one instance; null where libsodium is absent, older than 1.0.18, or failed its self-test.</summary>
    internal static Ristretto255Group? Instance { get; } = Start();

    public override int ElementSize => Size;

    public override int ScalarSize => Size;

    public override HashAlgorithmName Hash => HashAlgorithmName.SHA512;

    public override int HashSize => SHA512.HashSizeInBytes;

    public override GroupElements Generator { get; }

    /// <summary>2^252 + 27742317777372353535851937790883648493, little-endian.</summary>
    private static ReadOnlySpan<byte> Order =>
    [
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
    ];

    public override GroupElements? TryDecode(ReadOnlySpan<byte> encodings)
    {
        if (encodings.IsEmpty || encodings.Length % Size != 0)
            return null;

        fixed (byte* points = encodings)
        {
            for (int i = 0; i < encodings.Length; i += Size)
            {
                // libsodium 1.0.18 does not look at the top bit, which is clear in a canonical encoding.
                if (points[i + Size - 1] > 0x7F || Libsodium.IsValidPoint(points + i) != 1 || IsZero(encodings.Slice(i, Size)))
                    return null;
            }
        }

        return new Ristretto255Elements(encodings.ToArray());
    }

    public override GroupElements HashToGroup(ReadOnlySpan<byte[]> inputs, ReadOnlySpan<byte> tag)
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

        return new Ristretto255Elements(elements);
    }

    public override void HashToScalar(ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag, Span<byte> scalar)
    {
        Span<byte> uniform = stackalloc byte[WideSize];
        ExpandMessage.Xmd(Hash, HashSize, input, tag, uniform);
        Reduce(uniform, scalar);
    }

    public override void RandomScalar(Span<byte> scalar)
    {
        Span<byte> uniform = stackalloc byte[WideSize];
        do
        {
            RandomNumberGenerator.Fill(uniform);
            Reduce(uniform, scalar);
        }
        while (IsZero(scalar));
    }

    public override bool IsScalar(ReadOnlySpan<byte> scalar)
    {
        if (scalar.Length != Size)
            return false;

        // Below the order exactly when the subtraction of the order borrows in the end.
        int borrow = 0;
        for (int i = 0; i < Size; i++)
            borrow = (scalar[i] - Order[i] - borrow) < 0 ? 1 : 0;

        return borrow == 1;
    }

    public override void MultiplySubtract(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> result)
    {
        byte* product = stackalloc byte[Size];
        fixed (byte* minuend = a[..Size], left = b[..Size], right = c[..Size], difference = result[..Size])
        {
            Libsodium.MultiplyScalars(product, left, right);
            Libsodium.SubtractScalars(difference, minuend, product);
        }

        CryptographicOperations.ZeroMemory(new Span<byte>(product, Size));
    }

    public override void Invert(ReadOnlySpan<byte> scalars, Span<byte> inverses)
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

    public override GroupElements? Combine(ReadOnlySpan<byte> weights, params ReadOnlySpan<GroupElements> lists)
    {
        var sum = new byte[Size];
        byte* product = stackalloc byte[Size];
        int used = 0;
        fixed (byte* total = sum, scalars = weights)
        {
            foreach (GroupElements list in lists)
            {
                fixed (byte* points = ((Ristretto255Elements)list).Bytes)
                {
                    for (int i = 0; i < list.Count; i++, used += Size)
                    {
                        ArgumentOutOfRangeException.ThrowIfGreaterThan(used + Size, weights.Length, nameof(weights));

                        // Only a zero weight makes the identity of a valid element, and adds nothing.
                        if (Libsodium.Multiply(product, scalars + used, points + (i * Size)) == 0)
                            Check(Libsodium.Add(total, total, product));
                    }
                }
            }
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(used, weights.Length, nameof(weights));
        return IsZero(sum) ? null : new Ristretto255Elements(sum);
    }

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

    private static Ristretto255Group? Start()
    {
        try
        {
            if (!Libsodium.IsLoaded || Libsodium.Init() < 0)
                return null;

            var group = new Ristretto255Group();
            return VoprfSelfTest.Passes(group) ? group : null;
        }
        catch (Exception e) when (e is CryptographicException or EntryPointNotFoundException)
        {
            return null;
        }
    }
}
