using System.Security.Cryptography;
using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>
/// What a gateway keeps of an opened request until its response is sealed: suite, enc and the exported secret. Instances are used again; a
/// generation number makes handles of an earlier use worthless.
/// </summary>
internal sealed class ResponseSecret
{
    private const int NonceReserve = 512;

    private static readonly ResponseSecret?[] Idle = new ResponseSecret?[64];

    private readonly byte[] _secret = GC.AllocateArray<byte>(HpkeSuite.MaxKeySize, pinned: true);
    private byte[] _enc = [];

    // Response nonces are public. Drawn in advance, a few dozen cost one call to the system.
    private readonly byte[] _nonces = new byte[NonceReserve];
    private int _noncesUsed = NonceReserve;

    private HpkeSuite? _suite;
    private int _generation;

    internal int Generation => Volatile.Read(ref _generation);

    /// <summary>Takes an idle instance or makes one.</summary>
    internal static ResponseSecret Rent(HpkeSuite suite, ReadOnlySpan<byte> enc)
    {
        ResponseSecret? secret = null;
        int start = Thread.GetCurrentProcessorId();
        for (int i = 0; i < Idle.Length && secret is null; i++)
        {
            ref ResponseSecret? slot = ref Idle[(start + i) % Idle.Length];
            if (slot is not null)
                secret = Interlocked.Exchange(ref slot, null);
        }

        secret ??= new ResponseSecret();
        secret._suite = suite;
        if (secret._enc.Length < enc.Length)
            secret._enc = new byte[enc.Length];
        enc.CopyTo(secret._enc);
        return secret;
    }

    /// <summary>The suite, for the holder of this generation.</summary>
    internal HpkeSuite Suite(int generation)
    {
        ObjectDisposedException.ThrowIf(generation != Generation || _suite is null, typeof(ResponseSealer));
        return _suite;
    }

    internal ReadOnlySpan<byte> Enc => _enc.AsSpan(0, _suite!.Kem.EncapsulatedKeySize);

    internal Span<byte> Secret => _secret.AsSpan(0, MessageFormat.ResponseSecretSize(_suite!));

    internal void DrawNonce(Span<byte> nonce)
    {
        if (_noncesUsed + nonce.Length > NonceReserve)
        {
            RandomNumberGenerator.Fill(_nonces);
            _noncesUsed = 0;
        }

        _nonces.AsSpan(_noncesUsed, nonce.Length).CopyTo(nonce);
        _noncesUsed += nonce.Length;
    }

    /// <summary>Clears the secret and gives the instance back; does nothing for a handle of an earlier generation.</summary>
    internal void Return(int generation)
    {
        if (Interlocked.CompareExchange(ref _generation, unchecked(generation + 1), generation) != generation)
            return;

        CryptographicOperations.ZeroMemory(_secret);
        _suite = null;
        int start = Thread.GetCurrentProcessorId();
        for (int i = 0; i < Idle.Length; i++)
        {
            ref ResponseSecret? slot = ref Idle[(start + i) % Idle.Length];
            if (slot is null && Interlocked.CompareExchange(ref slot, this, null) is null)
                return;
        }
    }
}
