using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>The gateway's side of a chunked response; chunk nonces count up from the response's own. Only opening a request gives one.</summary>
public sealed class ChunkedResponseSealer : ChunkedSealer
{
    private readonly HpkeSuite _suite;
    private readonly byte[] _nonce;
    private ResponseKeys _keys;
    private ulong _counter;

    internal ChunkedResponseSealer(HpkeSuite suite, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> enc, byte[] nonce)
    {
        _suite = suite;
        _nonce = nonce;
        ResponseKeys.Derive(suite, secret, enc, nonce, out _keys);
    }

    /// <summary>response_nonce, max(Nn, Nk) bytes.</summary>
    public override ReadOnlyMemory<byte> Prefix => _nonce;

    private protected override void Encrypt(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        Span<byte> nonce = stackalloc byte[HpkeSuite.NonceSize];
        _keys.ChunkNonce(_counter, nonce);
        _suite.Seal(_keys.Key(_suite), nonce, aad, plaintext, ciphertext);
        _counter++;
    }

    private protected override void DisposeSecrets() => _keys.Clear();
}
