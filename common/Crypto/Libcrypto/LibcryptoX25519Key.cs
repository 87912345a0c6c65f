using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// An X25519 private key in libcrypto. The key object is shared by all threads; a derivation borrows a context and a peer object, which may
/// not be, from a bounded pool that ends with the key. Half of the time of a naive derivation goes into making these anew.
/// </summary>
internal sealed unsafe class LibcryptoX25519Key : AgreementKey
{
    private const int KeySize = 32;

    /// <summary>
    /// True when a context sees a change of the peer object that it was given: then naming the peer again, which makes libcrypto look up
    /// the algorithm by name, is saved. Proven once, by RFC 7748's example after another point.
    /// </summary>
    private static readonly bool ContextSeesPeer = ProveContextSeesPeer();

    private readonly PrivateKey _key;
    private readonly BoundedPool<Derivation> _derivations = new();

    internal LibcryptoX25519Key(ReadOnlySpan<byte> privateKey)
        : this(new PrivateKey(privateKey))
    {
    }

    private LibcryptoX25519Key(PrivateKey key)
        : base(key.PublicKey()) => _key = key;

    public override int PrivateKeySize => KeySize;

    public override bool TryDerive(ReadOnlySpan<byte> peerPublicKey, Span<byte> sharedSecret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sharedSecret.Length, KeySize, nameof(sharedSecret));
        if (peerPublicKey.Length != KeySize)
        {
            sharedSecret.Clear();
            return false;
        }

        if (!_derivations.TryRent(out Derivation? derivation))
            derivation = new Derivation(_key);
        bool valid = derivation.TryDerive(peerPublicKey, sharedSecret, nameAgain: !ContextSeesPeer);
        _derivations.Return(derivation);
        return valid;
    }

    public override void Export(Span<byte> privateKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, KeySize, nameof(privateKey));
        _key.Export(privateKey);
    }

    public override void Dispose()
    {
        _derivations.Close();
        _key.Dispose();
    }

    private static bool ProveContextSeesPeer()
    {
        using var key = new PrivateKey(Convert.FromHexString("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
        using var derivation = new Derivation(key);
        Span<byte> secret = stackalloc byte[KeySize];
        ReadOnlySpan<byte> basePoint = [9, .. new byte[KeySize - 1]];
        return derivation.TryDerive(basePoint, secret, nameAgain: false)
            && secret.SequenceEqual(key.PublicKey())
            && derivation.TryDerive(Convert.FromHexString("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"), secret, nameAgain: false)
            && Convert.ToHexStringLower(secret) is "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552";
    }

    /// <summary>The EVP_PKEY that holds the private key; contexts keep it alive in libcrypto by themselves.</summary>
    private sealed class PrivateKey : SafeHandle
    {
        internal PrivateKey(ReadOnlySpan<byte> privateKey)
            : base(0, ownsHandle: true)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, KeySize, nameof(privateKey));
            fixed (byte* bytes = privateKey)
                SetHandle(Libcrypto.NewRawPrivateKey(Libcrypto.X25519, 0, bytes, KeySize));
            if (IsInvalid)
                throw new CryptographicException("libcrypto has no X25519.");
        }

        public override bool IsInvalid => handle == 0;

        internal byte[] PublicKey()
        {
            var publicKey = new byte[KeySize];
            nuint length = KeySize;
            fixed (byte* bytes = publicKey)
                Libcrypto.Check(Libcrypto.GetRawPublicKey(handle, bytes, &length));
            return publicKey;
        }

        internal void Export(Span<byte> privateKey)
        {
            bool held = false;
            try
            {
                DangerousAddRef(ref held);
                nuint length = KeySize;
                fixed (byte* bytes = privateKey)
                    Libcrypto.Check(Libcrypto.GetRawPrivateKey(handle, bytes, &length));
            }
            finally
            {
                if (held)
                    DangerousRelease();
            }
        }

        internal nint NewContext()
        {
            bool held = false;
            try
            {
                DangerousAddRef(ref held);
                return Libcrypto.NewKeyContext(0, handle, 0);
            }
            finally
            {
                if (held)
                    DangerousRelease();
            }
        }

        protected override bool ReleaseHandle()
        {
            Libcrypto.FreeKey(handle);
            return true;
        }
    }

    /// <summary>An EVP_PKEY_CTX ready to derive and the peer object that it derives with; one thread at a time.</summary>
    private sealed class Derivation : SafeHandle
    {
        private readonly nint _peer;

        internal Derivation(PrivateKey key)
            : base(0, ownsHandle: true)
        {
            SetHandle(key.NewContext());
            byte* anyPoint = stackalloc byte[KeySize];
            new Span<byte>(anyPoint, KeySize).Clear();
            anyPoint[0] = 9;
            _peer = Libcrypto.NewRawPublicKey(Libcrypto.X25519, 0, anyPoint, KeySize);
            if (IsInvalid || _peer == 0)
                throw new CryptographicException("libcrypto gave no derivation context.");
            Libcrypto.Check(Libcrypto.DeriveInit(handle));
            Libcrypto.Check(Libcrypto.DeriveSetPeer(handle, _peer, 0));
        }

        public override bool IsInvalid => handle == 0;

        internal bool TryDerive(ReadOnlySpan<byte> peerPublicKey, Span<byte> sharedSecret, bool nameAgain)
        {
            nuint length = KeySize;
            fixed (byte* point = peerPublicKey, secret = sharedSecret)
            {
                Libcrypto.Check(Libcrypto.SetEncodedPublicKey(_peer, point, KeySize));
                if (nameAgain)
                    Libcrypto.Check(Libcrypto.DeriveSetPeer(handle, _peer, 0));
                if (Libcrypto.Derive(handle, secret, &length) == 1 && sharedSecret.ContainsAnyExcept((byte)0))
                    return true;
            }

            // libcrypto refuses a low-order point by itself; the comparison above does not depend on that.
            sharedSecret.Clear();
            Libcrypto.ClearErrors();
            return false;
        }

        protected override bool ReleaseHandle()
        {
            Libcrypto.FreeKeyContext(handle);
            Libcrypto.FreeKey(_peer);
            return true;
        }
    }
}
