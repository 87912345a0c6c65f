using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Veil.Crypto;

namespace Veil.Hpke;

/// <summary>The output of the key schedule, on the caller's stack: key, base_nonce, exporter_secret.</summary>
internal struct ContextSecrets
{
    private const int NonceOffset = HpkeSuite.MaxKeySize;
    private const int ExporterOffset = NonceOffset + HpkeSuite.NonceSize;

    private Bytes _bytes;

    /// <summary>base_nonce, Nn bytes.</summary>
    [UnscopedRef]
    internal Span<byte> BaseNonce => ((Span<byte>)_bytes).Slice(NonceOffset, HpkeSuite.NonceSize);

    /// <summary>exporter_secret, Nh bytes.</summary>
    [UnscopedRef]
    internal Span<byte> ExporterSecret => ((Span<byte>)_bytes).Slice(ExporterOffset, HpkeSuite.HashSize);

    /// <summary>key, Nk bytes.</summary>
    [UnscopedRef]
    internal Span<byte> Key(int size) => ((Span<byte>)_bytes)[..size];

    /// <summary>ComputeNonce(seq) = base_nonce XOR I2OSP(seq, Nn).</summary>
    internal void ComputeNonce(ulong sequence, Span<byte> nonce)
    {
        BaseNonce.CopyTo(nonce);
        Span<byte> low = nonce[^sizeof(ulong)..];
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ sequence);
    }

    /// <summary>Context.Export(exporter_context, L).</summary>
    internal void Export(HpkeSuite suite, ReadOnlySpan<byte> exporterContext, Span<byte> exported)
    {
        CryptoBackend backend = CryptoBackend.Current;
        backend.PrepareHmac(ExporterSecret, out HmacKey key);
        LabeledKdf.Expand(backend, suite.SuiteId, ref key, "sec"u8, exporterContext, exported);
        key.Clear();
    }

    internal void Clear() => CryptographicOperations.ZeroMemory(_bytes);

    [InlineArray(ExporterOffset + HpkeSuite.HashSize)]
    private struct Bytes
    {
        private byte _first;
    }
}
