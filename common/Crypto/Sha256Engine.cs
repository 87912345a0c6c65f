namespace Veil.Crypto;

/// <summary>One way to compute SHA-256 and HMAC over it; a prepared key belongs to the engine that made it.</summary>
internal abstract class Sha256Engine
{
    internal abstract void Prepare(ReadOnlySpan<byte> key, out HmacKey prepared);

    internal abstract void Compute(ref HmacKey key, ReadOnlySpan<byte> message, Span<byte> mac);

    internal abstract void Hash(ReadOnlySpan<byte> message, Span<byte> hash);
}
