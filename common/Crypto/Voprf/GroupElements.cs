namespace Veil.Crypto;

/// <summary>A list of group elements, none of them the identity, in the form that its library calculates with. Read-only, and safe for use by many threads.</summary>
internal abstract class GroupElements : IDisposable
{
    /// <summary>How many.</summary>
    public abstract int Count { get; }

    /// <summary>Each element times the scalar of its place, or every element times the only scalar. Constant time; the scalars are not zero.</summary>
    public abstract GroupElements Multiply(ReadOnlySpan<byte> scalars);

    /// <summary>SerializeElement of each, one behind the other.</summary>
    public abstract void Encode(Span<byte> encodings);

    public abstract void Dispose();
}
