using System.Numerics;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>ECDH over P-256 by .NET; the public key validation (RFC 9180 section 7.1.4) is ours, the same on every platform.</summary>
internal sealed class P256Agreement : KeyAgreement
{
    private const int ScalarSize = 32;
    private const int PointSize = 65;
    private const byte Uncompressed = 0x04;

    private static readonly BigInteger FieldPrime = Unsigned(Convert.FromHexString("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"));
    private static readonly BigInteger CurveB = Unsigned(Convert.FromHexString("5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"));
    private static readonly byte[] Order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    public override int PrivateKeySize => ScalarSize;

    public override int PublicKeySize => PointSize;

    public override AgreementKey Generate() => new P256Key(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    public override AgreementKey? Import(ReadOnlySpan<byte> privateKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, ScalarSize, nameof(privateKey));
        if (!IsScalar(privateKey))
            return null;

        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = privateKey.ToArray() };
        try
        {
            return new P256Key(ECDiffieHellman.Create(parameters));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    public override bool IsValidPublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != PointSize || publicKey[0] != Uncompressed)
            return false;

        BigInteger x = Unsigned(publicKey.Slice(1, ScalarSize));
        BigInteger y = Unsigned(publicKey[(1 + ScalarSize)..]);
        return x < FieldPrime && y < FieldPrime && ((y * y) - (((x * x) - 3) * x) - CurveB) % FieldPrime == 0;
    }

    /// <summary>0 &lt; d &lt; n, without a branch on its digits.</summary>
    private static bool IsScalar(ReadOnlySpan<byte> scalar)
    {
        int any = 0;
        int borrow = 0;
        for (int i = ScalarSize - 1; i >= 0; i--)
        {
            any |= scalar[i];
            borrow = ((scalar[i] - Order[i] - borrow) >> 8) & 1;
        }

        return any != 0 && borrow == 1;
    }

    private static BigInteger Unsigned(ReadOnlySpan<byte> bigEndian) => new(bigEndian, isUnsigned: true, isBigEndian: true);

    /// <summary>A private key in .NET's provider, which does not promise thread safety: one derivation at a time.</summary>
    private sealed class P256Key(ECDiffieHellman key) : AgreementKey(Encode(key.ExportParameters(includePrivateParameters: false).Q))
    {
        private readonly Lock _oneAtATime = new();

        public override int PrivateKeySize => ScalarSize;

        public override bool TryDerive(ReadOnlySpan<byte> peerPublicKey, Span<byte> sharedSecret)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(sharedSecret.Length, SharedSecretSize, nameof(sharedSecret));
            sharedSecret.Clear();
            if (!P256.IsValidPublicKey(peerPublicKey))
                return false;

            var point = new ECPoint { X = peerPublicKey.Slice(1, ScalarSize).ToArray(), Y = peerPublicKey[(1 + ScalarSize)..].ToArray() };
            using ECDiffieHellman peer = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
            using ECDiffieHellmanPublicKey peerKey = peer.PublicKey;
            lock (_oneAtATime)
            {
                byte[] secret = key.DeriveRawSecretAgreement(peerKey);
                secret.CopyTo(sharedSecret);
                CryptographicOperations.ZeroMemory(secret);
            }

            return true;
        }

        public override void Export(Span<byte> privateKey)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, ScalarSize, nameof(privateKey));
            lock (_oneAtATime)
            {
                byte[] scalar = key.ExportParameters(includePrivateParameters: true).D!;
                scalar.CopyTo(privateKey);
                CryptographicOperations.ZeroMemory(scalar);
            }
        }

        public override void Dispose()
        {
            lock (_oneAtATime)
                key.Dispose();
        }

        private static byte[] Encode(ECPoint point) => [Uncompressed, .. point.X!, .. point.Y!];
    }
}
