namespace Veil.Crypto;

/// <summary>The scalars of a group whose elements are multiplied in lanes.</summary>
internal interface ILaneScalar
{
    /// <summary>Bytes of a scalar.</summary>
    static abstract int Size { get; }

    /// <summary>Windows of a scalar: so many that the last one carries nothing.</summary>
    static abstract int Windows { get; }

    /// <summary>True where the first byte is the highest.</summary>
    static abstract bool IsBigEndian { get; }
}
