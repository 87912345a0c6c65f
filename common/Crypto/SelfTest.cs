namespace Veil.Crypto;

/// <summary>Known answers that a back end must give before it is chosen: RFC 7748 section 5.2, RFC 4231 test 2, and each AEAD there and back.</summary>
internal static class SelfTest
{
    internal static bool Passes(CryptoBackend backend) => Agrees(backend) && Authenticates(backend) && Seals(backend);

    private static bool Agrees(CryptoBackend backend)
    {
        using AgreementKey key = backend.ImportX25519(Convert.FromHexString("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
        Span<byte> secret = stackalloc byte[32];
        return key.TryDerive(Convert.FromHexString("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"), secret)
            && Convert.ToHexStringLower(secret) is "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
            && !key.TryDerive(stackalloc byte[32], secret);
    }

    private static bool Authenticates(CryptoBackend backend)
    {
        Span<byte> mac = stackalloc byte[32];
        backend.PrepareHmac("Jefe"u8, out HmacKey key);
        backend.Hmac(ref key, "what do ya want for nothing?"u8, mac);
        return Convert.ToHexStringLower(mac) is "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    }

    private static bool Seals(CryptoBackend backend)
    {
        Span<byte> sealedText = stackalloc byte[5 + CryptoBackend.TagSize];
        Span<byte> opened = stackalloc byte[5];
        foreach (AeadAlgorithm algorithm in Enum.GetValues<AeadAlgorithm>())
        {
            var key = new byte[CryptoBackend.KeySize(algorithm)];
            var nonce = new byte[CryptoBackend.NonceSize];
            backend.Seal(algorithm, key, nonce, "aad"u8, "hello"u8, sealedText);
            if (!backend.TryOpen(algorithm, key, nonce, "aad"u8, sealedText, opened) || !opened.SequenceEqual("hello"u8))
                return false;

            sealedText[0] ^= 1;
            if (backend.TryOpen(algorithm, key, nonce, "aad"u8, sealedText, opened))
                return false;
        }

        return true;
    }
}
