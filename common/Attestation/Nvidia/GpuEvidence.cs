using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Veil.Wire;

namespace Veil.Attestation.Nvidia;

/// <summary>
/// What one GPU of a host says, as an endorsement of the host's record: <c>lp16(report) { lp16(certificate) }*</c>, the leaf first, the root last. The claims name a digest over
/// the bytes of all of them, in the record's order; the guest asked every GPU with <see cref="Nonce"/>.
/// </summary>
public sealed class GpuEvidence
{
    /// <summary>Media type of the endorsement.</summary>
    public const string MediaType = "application/vnd.veil.nvidia-gpu";

    private static readonly byte[] NonceLabel = [0, 17, .. "veil gpu nonce v1"u8];

    /// <summary>Puts it together.</summary>
    /// <param name="report">The exact bytes of a <see cref="GpuReport"/>.</param>
    /// <param name="chain">DER, the leaf first, the root last.</param>
    public GpuEvidence(ReadOnlyMemory<byte> report, IReadOnlyList<ReadOnlyMemory<byte>> chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(report.Length, ushort.MaxValue, nameof(report));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chain.Count, GpuAppraisal.MaxCertificates, nameof(chain));
        (Report, Chain) = (report, chain);
    }

    /// <summary>The exact bytes of the report; whether they are one, the appraisal tells.</summary>
    public ReadOnlyMemory<byte> Report { get; }

    /// <summary>DER certificates, the leaf first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Chain { get; }

    /// <summary>
    /// What a guest asks its GPUs with: <c>SHA-256( lp16("veil gpu nonce v1") || tls_spki_sha256 )</c>. The TLS key is new in every key epoch and known to this guest alone, so
    /// that evidence of another guest or another epoch has another nonce.
    /// </summary>
    /// <param name="tlsSpkiSha256">As in the claims, 32 bytes.</param>
    public static byte[] Nonce(ReadOnlySpan<byte> tlsSpkiSha256) => SHA256.HashData([.. NonceLabel, .. tlsSpkiSha256]);

    /// <summary>SHA-256 over what the GPUs say, for <see cref="HostClaims.GpuEvidenceDigest"/>.</summary>
    /// <param name="endorsements">All endorsements of the record; others than of <see cref="MediaType"/> are passed over.</param>
    public static byte[] Digest(IEnumerable<Endorsement> endorsements) => Digest(endorsements, HashAlgorithmName.SHA256);

    /// <summary>Takes an endorsement apart.</summary>
    /// <param name="source">Untrusted; report and certificates are slices of it.</param>
    /// <param name="evidence">The parts.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, [NotNullWhen(true)] out GpuEvidence? evidence)
    {
        var reader = new WireReader(source.Span);
        var parts = new List<ReadOnlyMemory<byte>>();
        while (!reader.Completed && !reader.Failed && parts.Count <= GpuAppraisal.MaxCertificates)
        {
            int start = source.Length - reader.Remaining + sizeof(ushort);
            int length = reader.ReadVector16().Length;
            if (!reader.Failed)
            {
                parts.Add(source.Slice(start, length));
            }
        }

        evidence = reader.Completed && parts.Count > 0 ? new(parts[0], parts[1..]) : null;
        return evidence is not null;
    }

    /// <summary>The endorsement.</summary>
    public Endorsement ToEndorsement()
    {
        byte[] bytes = new byte[sizeof(ushort) + Report.Length + Chain.Sum(certificate => sizeof(ushort) + certificate.Length)];
        var writer = new WireWriter(bytes);
        writer.WriteVector16(Report.Span);
        foreach (ReadOnlyMemory<byte> certificate in Chain)
        {
            writer.WriteVector16(certificate.Span);
        }

        return new(MediaType, bytes);
    }

    /// <summary>The digest whose size the claims have; empty for a size that none has.</summary>
    internal static byte[] Digest(IEnumerable<Endorsement> endorsements, int size) => size switch
    {
        SHA256.HashSizeInBytes => Digest(endorsements, HashAlgorithmName.SHA256),
        SHA384.HashSizeInBytes => Digest(endorsements, HashAlgorithmName.SHA384),
        SHA512.HashSizeInBytes => Digest(endorsements, HashAlgorithmName.SHA512),
        _ => [],
    };

    private static byte[] Digest(IEnumerable<Endorsement> endorsements, HashAlgorithmName algorithm)
    {
        ArgumentNullException.ThrowIfNull(endorsements);
        using var hash = IncrementalHash.CreateHash(algorithm);
        foreach (Endorsement endorsement in endorsements.Where(endorsement => endorsement.MediaType == MediaType))
        {
            hash.AppendData(endorsement.Bytes.Span);
        }

        return hash.GetHashAndReset();
    }
}
