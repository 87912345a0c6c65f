using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// A prime-order group with its hash (RFC 9497 sections 2.1 and 4). Elements stay in the library's own form in <see cref="GroupElements"/>; scalars are byte
/// strings in the group's one encoding, <see cref="ScalarSize"/> each, and lists of them are concatenated. Instances are shared by threads.
/// </summary>
internal abstract class PrimeOrderGroup
{
    /// <summary>Ne: bytes of an element.</summary>
    public abstract int ElementSize { get; }

    /// <summary>Ns: bytes of a scalar.</summary>
    public abstract int ScalarSize { get; }

    /// <summary>The suite's hash.</summary>
    public abstract HashAlgorithmName Hash { get; }

    /// <summary>Nh: bytes of a hash.</summary>
    public abstract int HashSize { get; }

    /// <summary>The generator alone; never disposed.</summary>
    public abstract GroupElements Generator { get; }

    /// <summary>DeserializeElement of one or more; null when any has the wrong length, is not canonical, not an element, or the identity.</summary>
    /// <param name="encodings">Untrusted.</param>
    public abstract GroupElements? TryDecode(ReadOnlySpan<byte> encodings);

    /// <summary>HashToGroup of each input.</summary>
    public abstract GroupElements HashToGroup(ReadOnlySpan<byte[]> inputs, ReadOnlySpan<byte> tag);

    /// <summary>HashToScalar; zero is possible, as everywhere in RFC 9497 but for keys.</summary>
    public abstract void HashToScalar(ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag, Span<byte> scalar);

    /// <summary>RandomScalar: uniform, not zero.</summary>
    public abstract void RandomScalar(Span<byte> scalar);

    /// <summary>DeserializeScalar: true for a whole scalar below the order.</summary>
    public abstract bool IsScalar(ReadOnlySpan<byte> scalar);

    /// <summary><c>a - b * c</c> in constant time.</summary>
    public abstract void MultiplySubtract(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> result);

    /// <summary>The inverses of scalars that are not zero, in constant time, from one inversion.</summary>
    public abstract void Invert(ReadOnlySpan<byte> scalars, Span<byte> inverses);

    /// <summary>The elements of all lists, each times the scalar of its place, serialized. Constant time; the scalars are not zero.</summary>
    /// <param name="scalars">As many as there are elements.</param>
    /// <param name="encodings">Receives as many.</param>
    /// <param name="lists">The elements.</param>
    public virtual void Multiply(ReadOnlySpan<byte> scalars, Span<byte> encodings, params ReadOnlySpan<GroupElements> lists)
    {
        foreach (GroupElements list in lists)
        {
            using GroupElements products = list.Multiply(scalars[..(list.Count * ScalarSize)]);
            products.Encode(encodings);
            scalars = scalars[(list.Count * ScalarSize)..];
            encodings = encodings[(list.Count * ElementSize)..];
        }
    }

    /// <summary>
    /// The sum of all elements of all lists, each times its weight; null for the identity. Weights and elements are public: the time may tell them.
    /// </summary>
    public abstract GroupElements? Combine(ReadOnlySpan<byte> weights, params ReadOnlySpan<GroupElements> lists);

    /// <summary>True when every byte is zero: the scalar 0 in each encoding.</summary>
    public static bool IsZero(ReadOnlySpan<byte> scalar) => !scalar.ContainsAnyExcept((byte)0);
}
