using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;

namespace Veil.HostAgent.Configfs;

/// <summary>
/// The certificate table that a hypervisor adds to an SEV-SNP report (GHCB specification): entries of {GUID 16, offset u32, length u32}, little-endian,
/// offsets from the table's start, ended by a zero entry. The operator wrote it, so it is as untrusted as the network.
/// </summary>
internal static class CertificateTable
{
    private const int EntrySize = 24;
    private const int GuidSize = 16;

    /// <summary>Longest table in bytes; real ones have three certificates of 2 KiB.</summary>
    private const int MaxSize = 64 * 1024;

    private static readonly HashSet<Guid> Known =
    [
        new("63da758d-e664-4564-adc5-f4b93be8accd"), // VCEK
        new("a8074bc2-a25a-483e-aae6-39c045a0b8a1"), // VLEK
        new("4ab7b379-bbac-4fe4-a02f-05aef327c782"), // ASK or ASVK
        new("c0b406a4-a803-4952-9743-3fb6014cd0ae"), // ARK
    ];

    /// <summary>The known certificates of the table as DER; entries that do not fit or do not parse are left out.</summary>
    public static IReadOnlyList<Endorsement> Read(ReadOnlySpan<byte> table)
    {
        var found = new List<Endorsement>();
        if (table.Length > MaxSize)
            return found;
        for (int at = 0; at + EntrySize <= table.Length && found.Count < Known.Count; at += EntrySize)
        {
            ReadOnlySpan<byte> entry = table.Slice(at, EntrySize);
            if (!entry.ContainsAnyExcept((byte)0))
                break;
            uint offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[GuidSize..]);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(entry[(GuidSize + sizeof(uint))..]);
            bool isKnown = Known.Contains(new Guid(entry[..GuidSize], bigEndian: true)) || Known.Contains(new Guid(entry[..GuidSize]));
            if (isKnown && (ulong)offset + length <= (ulong)table.Length && ToDer(table.Slice((int)offset, (int)length)) is { } der)
                found.Add(new(Endorsement.CertificateMediaType, der));
        }

        return found;
    }

    /// <summary>One certificate, DER or PEM; null when it is neither.</summary>
    internal static byte[]? ToDer(ReadOnlySpan<byte> value)
    {
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(value);
            return certificate.RawData;
        }
        catch (CryptographicException)
        {
            // The loader's way to say that this is no certificate.
            return null;
        }
    }
}
