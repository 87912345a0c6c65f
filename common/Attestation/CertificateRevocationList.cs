using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace Veil.Attestation;

/// <summary>
/// A certificate revocation list of version 2 (RFC 5280 section 5), read strictly as DER from untrusted bytes: a complete list with a next update,
/// no critical extension, no entry with one. Nothing is trusted by being parsed; <see cref="IsIssuedBy"/> says whose list it is.
/// </summary>
internal sealed class CertificateRevocationList
{
    /// <summary>Longest list in bytes. AMD's and Intel's have less than 4 KiB; 64 KiB holds more than a thousand entries.</summary>
    public const int MaxSize = 64 * 1024;

    private const int Version2 = 1;
    private const int LastYearOfUtcTime = 2049;
    private static readonly Asn1Tag ExtensionList = new(TagClass.ContextSpecific, 0);
    private readonly List<ReadOnlyMemory<byte>> _serials;
    private readonly SignedPart _signed;

    private CertificateRevocationList(SignedPart signed, List<ReadOnlyMemory<byte>> serials)
    {
        _signed = signed;
        _serials = serials;
    }

    /// <summary>The issuer's name, DER.</summary>
    public required ReadOnlyMemory<byte> Issuer { get; init; }

    /// <summary>When the list was made.</summary>
    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>The instant until which the next list is promised; after it this one is stale.</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>How many serial numbers are listed.</summary>
    public int Count => _serials.Count;

    /// <summary>True when <paramref name="now"/> lies between the two updates.</summary>
    public bool IsCurrentAt(DateTimeOffset now) => ThisUpdate <= now && now <= NextUpdate;

    /// <summary>True when the certificate's serial number is listed. Asks nothing about the issuer.</summary>
    public bool Lists(ParsedCertificate certificate) => _serials.Exists(serial => serial.Span.SequenceEqual(certificate.SerialNumber.Span));

    /// <summary>
    /// True when the list names this authority and is signed by its key, which may sign lists: ECDSA P-256 with SHA-256 (Intel), or RSA-4096 PSS with
    /// SHA-384 (AMD).
    /// </summary>
    public bool IsIssuedBy(ParsedCertificate authority, VerifiedSignatures known)
    {
        ArgumentNullException.ThrowIfNull(authority);
        ArgumentNullException.ThrowIfNull(known);
        return authority.IsAuthority && authority.MaySignRevocationLists && Issuer.Span.SequenceEqual(authority.Subject.Span)
            && known.Verify(authority, _signed, static (key, signed) => (key.IsP256 || key.IsRsa) && key.VerifyCertificate(signed.Data, signed.Signature));
    }

    /// <summary>Parses one whole list; bytes left over are an error.</summary>
    /// <param name="der">Untrusted; the list keeps slices of it.</param>
    /// <param name="list">The list.</param>
    public static bool TryParse(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out CertificateRevocationList? list)
    {
        list = null;
        if (der.Length > MaxSize)
        {
            return false;
        }

        try
        {
            list = Read(der);
        }
        catch (AsnContentException)
        {
            // AsnReader's way to say that the bytes are not the DER that was asked for.
        }

        return list is not null;
    }

    /// <summary>The list, or null.</summary>
    public static CertificateRevocationList? ParseOrNull(ReadOnlyMemory<byte> der) => TryParse(der, out CertificateRevocationList? list) ? list : null;

    private static CertificateRevocationList? Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader signed = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> tbsBytes = signed.ReadEncodedValue();
        ReadOnlyMemory<byte> outerAlgorithm = signed.ReadEncodedValue();
        byte[] signature = signed.ReadBitString(out int unusedBits);
        signed.ThrowIfNotEmpty();

        AsnReader tbs = new AsnReader(tbsBytes, AsnEncodingRules.DER).ReadSequence();
        bool isVersion2 = tbs.TryReadInt32(out int version) && version == Version2;
        ReadOnlyMemory<byte> innerAlgorithm = tbs.ReadEncodedValue();
        ReadOnlyMemory<byte> issuer = tbs.ReadEncodedValue();
        DateTimeOffset thisUpdate = ReadTime(tbs);
        DateTimeOffset nextUpdate = ReadTime(tbs);

        // An empty list of entries is absent, never present and empty.
        var serials = new List<ReadOnlyMemory<byte>>();
        bool accepted = isVersion2 && unusedBits == 0 && thisUpdate <= nextUpdate && innerAlgorithm.Span.SequenceEqual(outerAlgorithm.Span);
        if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            AsnReader entries = tbs.ReadSequence();
            accepted &= entries.HasData;
            while (entries.HasData)
            {
                accepted &= TryReadEntry(entries.ReadSequence(), out ReadOnlyMemory<byte> serial);
                serials.Add(serial);
            }
        }

        AsnReader extensions = tbs.ReadSequence(ExtensionList);
        tbs.ThrowIfNotEmpty();
        accepted &= HasOnlyUncriticalExtensions(extensions.ReadSequence());
        extensions.ThrowIfNotEmpty();
        return accepted
            ? new CertificateRevocationList(new(tbsBytes, signature), serials) { Issuer = issuer, ThisUpdate = thisUpdate, NextUpdate = nextUpdate }
            : null;
    }

    private static bool TryReadEntry(AsnReader entry, out ReadOnlyMemory<byte> serial)
    {
        serial = entry.ReadIntegerBytes();
        ReadTime(entry);
        bool accepted = !entry.HasData || HasOnlyUncriticalExtensions(entry.ReadSequence());
        entry.ThrowIfNotEmpty();
        return accepted;
    }

    /// <summary>Critical ones change what the list means: which certificates it is about, or to which other list it is a change.</summary>
    private static bool HasOnlyUncriticalExtensions(AsnReader extensions)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        bool accepted = true;
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            accepted &= seen.Add(extension.ReadObjectIdentifier());
            accepted &= !(extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean());
            extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
        }

        return accepted && seen.Count > 0;
    }

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime(LastYearOfUtcTime) : reader.ReadGeneralizedTime();
}
