using System.Security.Cryptography;
using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>Opens the one response to a sealed request (RFC 9458 section 4.4). Only sealing a request gives one.</summary>
public sealed class ResponseOpener : IDisposable
{
    private readonly HpkeSuite _suite;
    private readonly byte[] _secret;
    private readonly byte[] _enc;
    private bool _used;

    internal ResponseOpener(HpkeSuite suite, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> enc)
    {
        _suite = suite;
        _secret = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(_secret);
        _enc = enc.ToArray();
    }

    /// <summary>Opens <c>response_nonce(max(Nn, Nk)) ciphertext</c>, once: also after a failure a second call throws.</summary>
    /// <param name="encapsulated">Untrusted bytes, whole.</param>
    /// <param name="plaintext">Takes the Binary HTTP response; as long as <paramref name="encapsulated"/> is always enough.</param>
    /// <param name="written">Bytes of the response.</param>
    /// <param name="error">Why it was refused.</param>
    /// <exception cref="InvalidOperationException">This opener was used or disposed before.</exception>
    public bool TryOpen(ReadOnlySpan<byte> encapsulated, Span<byte> plaintext, out int written, out OhttpError error)
    {
        if (_used)
            throw new InvalidOperationException("A sealed request has one response.");

        written = 0;
        int length = encapsulated.Length - _secret.Length - HpkeSuite.TagSize;
        if (length < 0)
        {
            error = OhttpError.Truncated;
            Dispose();
            return false;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(plaintext.Length, length, nameof(plaintext));
        ReadOnlySpan<byte> nonce = encapsulated[.._secret.Length];
        ResponseKeys.Derive(_suite, _secret, _enc, nonce, out ResponseKeys keys);
        bool opened = _suite.TryOpen(keys.Key(_suite), keys.Nonce, default, encapsulated[nonce.Length..], plaintext[..length]);
        keys.Clear();
        Dispose();
        written = opened ? length : 0;
        error = opened ? OhttpError.None : OhttpError.DecryptFailed;
        return opened;
    }

    /// <summary>Clears the secret.</summary>
    public void Dispose()
    {
        _used = true;
        CryptographicOperations.ZeroMemory(_secret);
    }
}
