using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>SHA-256 and HMAC over it by .NET's one-shot calls; a prepared key is the key padded with zeros to one block, as HMAC does itself.</summary>
internal sealed class PlatformSha256 : Sha256Engine
{
    internal static PlatformSha256 Instance { get; } = new();

    internal override void Prepare(ReadOnlySpan<byte> key, out HmacKey prepared)
    {
        prepared = default;
        if (key.Length <= HmacKey.Size)
            key.CopyTo(prepared.Bytes);
        else
            SHA256.HashData(key, prepared.Bytes);
    }

    internal override void Compute(ref HmacKey key, ReadOnlySpan<byte> message, Span<byte> mac) => HMACSHA256.HashData(key.Bytes, message, mac);

    internal override void Hash(ReadOnlySpan<byte> message, Span<byte> hash) => SHA256.HashData(message, hash);
}
