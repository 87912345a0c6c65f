using System.Numerics;
using System.Security.Cryptography;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

/// <summary>The two implementations of RSA client arithmetic, by name, so that every RSA battery runs once on each.</summary>
internal static class RsaBackends
{
    public static TheoryData<string> Names => ["libcrypto", "portable"];

    /// <summary>A public key on the named back end; skips where libcrypto is absent.</summary>
    public static BlindRsaPublicKey PublicKey(string backend, byte[] modulus)
    {
        byte[] exponent = [1, 0, 1];
        if (backend is "portable")
            return new(modulus, new PortableRsaArithmetic(modulus, exponent));

        Assert.SkipUnless(Libcrypto.IsLoaded, "This process has no libcrypto of OpenSSL 3.");
        return new(modulus, new LibcryptoRsaArithmetic(modulus, exponent));
    }

    /// <summary>Skips where issuers are refused their keys.</summary>
    public static void SkipUnlessThisProcessSigns() =>
        Assert.SkipUnless(RsaArithmetic.UsesLibcrypto, "Nothing signs here: this process has no libcrypto of OpenSSL 3, or VEIL_CRYPTO=portable keeps it away.");

    /// <summary>A private key from its primes.</summary>
    public static BlindSigningKey SigningKey(byte[] p, byte[] q, byte[] n)
    {
        SkipUnlessThisProcessSigns();
        BigInteger prime = Number(p), other = Number(q);
        BigInteger d = Inverse(65537, (prime - 1) * (other - 1));
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = n,
            Exponent = [1, 0, 1],
            P = p,
            Q = q,
            D = Octets(d, n.Length),
            DP = Octets(d % (prime - 1), p.Length),
            DQ = Octets(d % (other - 1), p.Length),
            InverseQ = Octets(Inverse(other, prime), p.Length),
        });
        return BlindSigningKey.Import(rsa.ExportPkcs8PrivateKey());
    }

    public static BigInteger Number(byte[] octets) => new(octets, isUnsigned: true, isBigEndian: true);

    public static byte[] Octets(BigInteger value, int size)
    {
        byte[] octets = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[size - octets.Length], .. octets];
    }

    /// <summary>The inverse modulo <paramref name="modulus"/>, by Euclid.</summary>
    public static BigInteger Inverse(BigInteger value, BigInteger modulus)
    {
        (BigInteger a, BigInteger b, BigInteger x, BigInteger y) = (modulus, value % modulus, BigInteger.Zero, BigInteger.One);
        while (!b.IsZero)
            (a, b, x, y) = (b, a % b, y, x - (a / b * y));

        Assert.True(a.IsOne);
        return x.Sign < 0 ? x + modulus : x;
    }
}
