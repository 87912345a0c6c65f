namespace Veil.Crypto;

/// <summary>One way to compute HMAC-SHA256 and the hash under it; a prepared key belongs to the engine that made it.</summary>
internal abstract class HmacEngine
{
    internal abstract void Prepare(ReadOnlySpan<byte> key, out HmacKey prepared);

    internal abstract void Compute(ref HmacKey key, ReadOnlySpan<byte> message, Span<byte> mac);

    internal abstract void Hash(ReadOnlySpan<byte> message, Span<byte> hash);
}
