namespace Veil.Crypto;

/// <summary>Elements of ristretto255 in their encoding: libsodium knows no other form.</summary>
internal sealed unsafe class Ristretto255Elements(byte[] elements) : GroupElements
{
    private const int Size = Ristretto255Group.Size;

    /// <summary>The encodings, one behind the other.</summary>
    public ReadOnlySpan<byte> Bytes => elements;

    public override int Count => elements.Length / Size;

    public override GroupElements Multiply(ReadOnlySpan<byte> scalars)
    {
        bool same = scalars.Length == Size;
        ArgumentOutOfRangeException.ThrowIfNotEqual(scalars.Length, same ? Size : elements.Length, nameof(scalars));
        var products = new byte[elements.Length];
        fixed (byte* product = products, scalar = scalars, element = elements)
        {
            for (int i = 0; i < elements.Length; i += Size)
                Ristretto255Group.Check(Libsodium.Multiply(product + i, scalar + (same ? 0 : i), element + i));
        }

        return new Ristretto255Elements(products);
    }

    public override void Encode(Span<byte> encodings) => elements.CopyTo(encodings);

    public override void Dispose()
    {
    }
}
