using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// X25519 (RFC 7748 section 5) in constant time: the Montgomery ladder over <see cref="FieldElement25519"/>, no branch and no index that depends on
/// a secret.
/// </summary>
internal static class X25519
{
    private const int KeySize = 32;

    /// <summary>(486662 - 2) / 4.</summary>
    private const uint A24 = 121665;

    /// <summary>The public key of <paramref name="privateKey"/>.</summary>
    internal static byte[] PublicKey(ReadOnlySpan<byte> privateKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, KeySize, nameof(privateKey));
        Span<byte> basePoint = stackalloc byte[KeySize];
        basePoint.Clear();
        basePoint[0] = 9;
        var publicKey = new byte[KeySize];
        ScalarMult(privateKey, basePoint, publicKey);
        return publicKey;
    }

    /// <summary>The function X25519(k, u); the caller refuses an all-zero result.</summary>
    internal static void ScalarMult(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point, Span<byte> result)
    {
        Span<byte> k = stackalloc byte[KeySize];
        scalar.CopyTo(k);
        k[0] &= 0xF8;
        k[31] = (byte)((k[31] & 0x7F) | 0x40);

        FieldElement25519 x1 = FieldElement25519.Read(point);
        FieldElement25519 x2 = FieldElement25519.One;
        FieldElement25519 z2 = default;
        FieldElement25519 x3 = x1;
        FieldElement25519 z3 = FieldElement25519.One;
        ulong swap = 0;

        for (int t = 254; t >= 0; t--)
        {
            ulong bit = (ulong)(k[t / 8] >> (t % 8)) & 1;
            swap ^= bit;
            FieldElement25519.Swap(swap, ref x2, ref x3);
            FieldElement25519.Swap(swap, ref z2, ref z3);
            swap = bit;

            FieldElement25519 a = x2 + z2;
            FieldElement25519 aa = a.Square();
            FieldElement25519 b = x2 - z2;
            FieldElement25519 bb = b.Square();
            FieldElement25519 e = aa - bb;
            FieldElement25519 da = (x3 - z3) * a;
            FieldElement25519 cb = (x3 + z3) * b;
            x3 = (da + cb).Square();
            z3 = x1 * (da - cb).Square();
            x2 = aa * bb;
            z2 = e * (aa + e.MultiplySmall(A24));
        }

        FieldElement25519.Swap(swap, ref x2, ref x3);
        FieldElement25519.Swap(swap, ref z2, ref z3);
        (x2 * z2.Invert()).Write(result);
        CryptographicOperations.ZeroMemory(k);
    }
}
