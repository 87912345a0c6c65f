namespace Veil.Crypto;

/// <summary>An odd modulus N between 2^383 and 2^384, with what Montgomery's method needs. Limbs are little-endian, 64 bits each.</summary>
internal interface IModulus384
{
    /// <summary>The six limbs of N.</summary>
    static abstract ulong N0 { get; }

    static abstract ulong N1 { get; }

    static abstract ulong N2 { get; }

    static abstract ulong N3 { get; }

    static abstract ulong N4 { get; }

    static abstract ulong N5 { get; }

    /// <summary>-1/N modulo 2^64.</summary>
    static abstract ulong Inverse { get; }

    /// <summary>N - 2 in 48 bytes, big-endian: the exponent of an inversion (Fermat).</summary>
    static abstract ReadOnlySpan<byte> MinusTwo { get; }
}
