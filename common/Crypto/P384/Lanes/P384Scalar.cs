namespace Veil.Crypto;

/// <summary>Scalars of P-384: 384 bits, big-endian.</summary>
internal readonly struct P384Scalar : ILaneScalar
{
    public static int Size => 48;

    public static int Windows => 77;

    public static bool IsBigEndian => true;
}
