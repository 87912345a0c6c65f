using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Veil.Wire;

namespace Veil.Attestation;

/// <summary>
/// What a host says of itself for one key epoch. Its bound value is what the hardware signs, so that every key in here is
/// vouched for by the report:
/// <code>
/// 01 | id(16) | epoch u64 | not_before u64 | not_after u64 | checkpoint_size u64 | checkpoint_root(32) | lp16(service)
///    | tls_spki_sha256(32) | lp16(key_config) | modes(1) | lp16(gpu_evidence_digest)
/// </code>
/// Integers are big-endian, times are seconds since 1970 UTC. A value has exactly one encoding.
/// </summary>
public sealed class HostClaims
{
    /// <summary>Media type of the encoding inside a host record.</summary>
    public const string MediaType = "application/vnd.veil.host-claims";

    /// <summary>Bytes of <see cref="Id"/>.</summary>
    public const int IdSize = 16;

    /// <summary>Bytes of a SHA-256 value.</summary>
    public const int HashSize = 32;

    /// <summary>Bytes of <see cref="BoundValue"/>: the size of a report's REPORTDATA.</summary>
    public const int BoundValueSize = 64;

    /// <summary>Fewest bytes of a relying party's nonce.</summary>
    public const int MinNonceSize = 16;

    /// <summary>Most bytes of a relying party's nonce.</summary>
    public const int MaxNonceSize = 64;

    /// <summary>Longest service name in bytes: that of a DNS name with a port.</summary>
    public const int MaxServiceSize = 255;

    /// <summary>Longest key configuration in bytes: an X-Wing key (1,216) with its suites, and room.</summary>
    public const int MaxKeyConfigSize = 2048;

    /// <summary>The root that names no checkpoint: 32 zero bytes.</summary>
    public static ReadOnlyMemory<byte> NoCheckpoint { get; } = new byte[HashSize];

    private const byte Version = 1;
    private const byte PlainRequests = 1;
    private const int FixedSize = 1 + IdSize + (4 * sizeof(ulong)) + HashSize + HashSize + 1 + (3 * sizeof(ushort));
    private static readonly byte[] Label = [0, 19, .. "veil host claims v1"u8];
    private static readonly byte[] NonceLabel = [0, 25, .. "veil host claims nonce v1"u8];

    /// <summary>16 random bytes that name this host for one epoch.</summary>
    public required ReadOnlyMemory<byte> Id { get; init; }

    /// <summary>The key epoch that these claims were made for.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>First second in which the claims hold.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Last second in which the claims hold.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>Size of the log checkpoint that the host had seen; 0 where there is no log.</summary>
    public ulong CheckpointSize { get; init; }

    /// <summary>Root of that checkpoint, 32 bytes: SHA-256 of no bytes for a log that had no entry, <see cref="NoCheckpoint"/> where there is no log.</summary>
    public ReadOnlyMemory<byte> CheckpointRoot { get; init; } = NoCheckpoint;

    /// <summary>The authority that the host serves, visible ASCII.</summary>
    public required string Service { get; init; }

    /// <summary>SHA-256 of the DER SubjectPublicKeyInfo of the host's TLS key, 32 bytes.</summary>
    public required ReadOnlyMemory<byte> TlsSpkiSha256 { get; init; }

    /// <summary>The host's key configuration (RFC 9458 section 3.1): requests are sealed to it.</summary>
    public required ReadOnlyMemory<byte> KeyConfig { get; init; }

    /// <summary>Bit 0 of the modes: the host takes requests that are not sealed to its key.</summary>
    public required bool AcceptsPlainRequests { get; init; }

    /// <summary>Digest of the GPU evidence that the guest itself verified; empty without a GPU.</summary>
    public ReadOnlyMemory<byte> GpuEvidenceDigest { get; init; }

    /// <summary>Parses one whole encoding; bytes left over are an error.</summary>
    public static bool TryParse(ReadOnlySpan<byte> source, [NotNullWhen(true)] out HostClaims? claims, out AttestationError error)
    {
        var reader = new WireReader(source);
        byte version = reader.ReadByte();
        ReadOnlySpan<byte> id = reader.Take(IdSize);
        ulong epoch = reader.ReadUInt64();
        ulong notBefore = reader.ReadUInt64();
        ulong notAfter = reader.ReadUInt64();
        ulong checkpointSize = reader.ReadUInt64();
        ReadOnlySpan<byte> checkpointRoot = reader.Take(HashSize);
        ReadOnlySpan<byte> service = reader.ReadVector16();
        ReadOnlySpan<byte> tlsSpkiSha256 = reader.Take(HashSize);
        ReadOnlySpan<byte> keyConfig = reader.ReadVector16();
        byte modes = reader.ReadByte();
        ReadOnlySpan<byte> gpuEvidenceDigest = reader.ReadVector16();

        error = !reader.Failed && version != Version ? AttestationError.UnsupportedVersion
            : !reader.Completed ? AttestationError.BadLength
            : !IsServiceName(service) ? AttestationError.BadService
            : !IsValidity(notBefore, notAfter) ? AttestationError.BadValidity
            : keyConfig.Length is 0 or > MaxKeyConfigSize ? AttestationError.BadKeyConfig
            : (modes & ~PlainRequests) != 0 ? AttestationError.ReservedNotZero
            : gpuEvidenceDigest.Length is not (0 or 32 or 48 or 64) ? AttestationError.BadDigest
            : AttestationError.None;
        claims = error is not AttestationError.None ? null : new HostClaims
        {
            Id = id.ToArray(),
            Epoch = epoch,
            NotBefore = DateTimeOffset.FromUnixTimeSeconds((long)notBefore),
            NotAfter = DateTimeOffset.FromUnixTimeSeconds((long)notAfter),
            CheckpointSize = checkpointSize,
            CheckpointRoot = checkpointRoot.ToArray(),
            Service = Encoding.ASCII.GetString(service),
            TlsSpkiSha256 = tlsSpkiSha256.ToArray(),
            KeyConfig = keyConfig.ToArray(),
            AcceptsPlainRequests = (modes & PlainRequests) != 0,
            GpuEvidenceDigest = gpuEvidenceDigest.ToArray(),
        };
        return claims is not null;
    }

    /// <summary>The encoding.</summary>
    /// <exception cref="InvalidOperationException">A field has a size or value that <see cref="TryParse"/> refuses.</exception>
    public byte[] Encode()
    {
        byte[] encoded = new byte[FixedSize + Encoding.UTF8.GetByteCount(Service) + KeyConfig.Length + GpuEvidenceDigest.Length];
        if (Id.Length != IdSize || CheckpointRoot.Length != HashSize || TlsSpkiSha256.Length != HashSize)
        {
            throw new InvalidOperationException($"Host claims need an id of {IdSize} bytes, and a checkpoint root and a TLS key hash of {HashSize} bytes.");
        }

        var writer = new WireWriter(encoded);
        writer.WriteByte(Version);
        writer.WriteBytes(Id.Span);
        writer.WriteUInt64(Epoch);
        writer.WriteUInt64((ulong)NotBefore.ToUnixTimeSeconds());
        writer.WriteUInt64((ulong)NotAfter.ToUnixTimeSeconds());
        writer.WriteUInt64(CheckpointSize);
        writer.WriteBytes(CheckpointRoot.Span);
        writer.WriteVector16(Encoding.UTF8.GetBytes(Service));
        writer.WriteBytes(TlsSpkiSha256.Span);
        writer.WriteVector16(KeyConfig.Span);
        writer.WriteByte(AcceptsPlainRequests ? PlainRequests : (byte)0);
        writer.WriteVector16(GpuEvidenceDigest.Span);
        if (!TryParse(encoded, out _, out AttestationError error))
        {
            throw new InvalidOperationException($"These host claims cannot be encoded: {error}.");
        }

        return encoded;
    }

    /// <summary>SHA-512( lp16("veil host claims v1") || claims ), 64 bytes: the report's REPORTDATA.</summary>
    /// <param name="encodedClaims">The exact bytes of the claims.</param>
    public static byte[] BoundValue(ReadOnlySpan<byte> encodedClaims) => SHA512.HashData([.. Label, .. encodedClaims]);

    /// <summary>SHA-512( lp16("veil host claims nonce v1") || lp16(nonce) || claims ), 64 bytes: REPORTDATA where a relying party sent a nonce.</summary>
    /// <param name="encodedClaims">The exact bytes of the claims.</param>
    /// <param name="nonce">16 to 64 bytes.</param>
    public static byte[] NonceBoundValue(ReadOnlySpan<byte> encodedClaims, ReadOnlySpan<byte> nonce)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nonce.Length, MinNonceSize, nameof(nonce));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nonce.Length, MaxNonceSize, nameof(nonce));
        return SHA512.HashData([.. NonceLabel, 0, (byte)nonce.Length, .. nonce, .. encodedClaims]);
    }

    private static bool IsServiceName(ReadOnlySpan<byte> service) =>
        service.Length is > 0 and <= MaxServiceSize && !service.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E);

    private static bool IsValidity(ulong notBefore, ulong notAfter) =>
        notBefore < notAfter && notAfter <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();
}
