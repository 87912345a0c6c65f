using System.Security.Cryptography;
using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>The client's side of a chunked response. Only starting a chunked request gives one.</summary>
public sealed class ChunkedResponseOpener : ChunkedOpener
{
    private readonly HpkeSuite _suite;
    private readonly byte[] _secret;
    private readonly byte[] _enc;
    private ResponseKeys _keys;
    private ulong _counter;
    private bool _hasKeys;

    internal ChunkedResponseOpener(HpkeSuite suite, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> enc, ChunkLimits limits)
        : base(limits)
    {
        _suite = suite;
        _secret = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(_secret);
        _enc = enc.ToArray();
    }

    private protected override int PrefixSize => _hasKeys ? 0 : _secret.Length;

    private protected override OhttpError ReadPrefix(ReadOnlySpan<byte> prefix)
    {
        ResponseKeys.Derive(_suite, _secret, _enc, prefix, out _keys);
        CryptographicOperations.ZeroMemory(_secret);
        _hasKeys = true;
        return OhttpError.None;
    }

    private protected override bool TryOpen(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[HpkeSuite.NonceSize];
        _keys.ChunkNonce(_counter, nonce);
        if (!_suite.TryOpen(_keys.Key(_suite), nonce, aad, ciphertext, plaintext))
            return false;

        _counter++;
        return true;
    }

    private protected override void DisposeSecrets()
    {
        CryptographicOperations.ZeroMemory(_secret);
        _keys.Clear();
    }
}
