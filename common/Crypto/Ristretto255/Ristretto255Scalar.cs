namespace Veil.Crypto;

/// <summary>Scalars of ristretto255: 253 bits, little-endian.</summary>
internal readonly struct Ristretto255Scalar : ILaneScalar
{
    public static int Size => Ristretto255Group.Size;

    public static int Windows => 51;

    public static bool IsBigEndian => false;
}
