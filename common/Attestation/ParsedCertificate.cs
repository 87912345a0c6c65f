using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Veil.Attestation;

/// <summary>
/// The fields of an X.509 version 3 certificate (RFC 5280 section 4.1) that an appraisal looks at, read strictly as DER from
/// untrusted bytes. Nothing is trusted by being parsed, and no system store is touched.
/// </summary>
internal sealed class ParsedCertificate
{
    /// <summary>Longest certificate in bytes: one that carries a whole host record.</summary>
    public const int MaxSize = HostRecord.MaxSize + 4096;

    private const string CommonNameOid = "2.5.4.3";
    private const string BasicConstraintsOid = "2.5.29.19";
    private const string KeyUsageOid = "2.5.29.15";
    private const byte RevocationListUse = 0x02; // Bit 6, counted from the left: cRLSign.
    private const int LastYearOfUtcTime = 2049;
    private static readonly Asn1Tag Version = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag ExtensionList = new(TagClass.ContextSpecific, 3);

    private byte[]? _spkiSha256;
    private ContentDigest? _keyDigest;
    private SignedPart? _signed;

    /// <summary>The whole certificate.</summary>
    public required ReadOnlyMemory<byte> Der { get; init; }

    /// <summary>The signed part, byte for byte.</summary>
    public required ReadOnlyMemory<byte> Tbs { get; init; }

    /// <summary>The issuer's signature.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>The serial number, the content of its DER INTEGER.</summary>
    public required ReadOnlyMemory<byte> SerialNumber { get; init; }

    /// <summary>The issuer's name, DER.</summary>
    public required ReadOnlyMemory<byte> Issuer { get; init; }

    /// <summary>The subject's name, DER.</summary>
    public required ReadOnlyMemory<byte> Subject { get; init; }

    /// <summary>The subject's one common name; empty where there is none or more than one.</summary>
    public required string CommonName { get; init; }

    /// <summary>First instant of validity.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Last instant of validity.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The subject's key, DER SubjectPublicKeyInfo.</summary>
    public required ReadOnlyMemory<byte> Spki { get; init; }

    /// <summary>Contents of extnValue by object identifier.</summary>
    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Extensions { get; init; }

    /// <summary>True when an extension other than basic constraints and key usage is marked critical.</summary>
    public required bool HasUnknownCriticalExtension { get; init; }

    /// <summary>True when basic constraints say that the subject is a certification authority.</summary>
    public bool IsAuthority => Extensions.TryGetValue(BasicConstraintsOid, out ReadOnlyMemory<byte> value) && ReadsAuthority(value);

    /// <summary>True when the key usage lets the subject sign revocation lists; without the extension every use is allowed.</summary>
    public bool MaySignRevocationLists => !Extensions.TryGetValue(KeyUsageOid, out ReadOnlyMemory<byte> value) || ReadsRevocationListUse(value);

    /// <summary>SHA-256 of <see cref="Spki"/>, made once: never to be written to.</summary>
    public byte[] SpkiSha256 => _spkiSha256 ??= SHA256.HashData(Spki.Span);

    /// <summary>The name of the subject's key.</summary>
    public ContentDigest KeyDigest => _keyDigest ??= ContentDigest.Of(Spki.Span);

    /// <summary>What the issuer signed, with the signature.</summary>
    public SignedPart Signed => _signed ??= new(Tbs, Signature);

    /// <summary>True when <paramref name="now"/> lies within the validity period.</summary>
    public bool IsValidAt(DateTimeOffset now) => NotBefore <= now && now <= NotAfter;

    /// <summary>Parses one whole certificate.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out ParsedCertificate? certificate)
    {
        certificate = null;
        if (der.Length > MaxSize)
        {
            return false;
        }

        try
        {
            certificate = Read(der);
        }
        catch (AsnContentException)
        {
            // AsnReader's way to say that the bytes are not the DER that was asked for.
        }

        return certificate is not null;
    }

    /// <summary>The certificate, or null.</summary>
    public static ParsedCertificate? ParseOrNull(ReadOnlyMemory<byte> der) => TryParse(der, out ParsedCertificate? certificate) ? certificate : null;

    private static ParsedCertificate? Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> tbsBytes = certificate.ReadEncodedValue();
        ReadOnlyMemory<byte> outerAlgorithm = certificate.ReadEncodedValue();
        byte[] signature = certificate.ReadBitString(out int unusedBits);
        certificate.ThrowIfNotEmpty();

        AsnReader tbs = new AsnReader(tbsBytes, AsnEncodingRules.DER).ReadSequence();
        AsnReader version = tbs.ReadSequence(Version);
        bool isVersion3 = version.TryReadInt32(out int number) && number == 2;
        version.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> serialNumber = tbs.ReadIntegerBytes();
        ReadOnlyMemory<byte> innerAlgorithm = tbs.ReadEncodedValue();
        ReadOnlyMemory<byte> issuer = tbs.ReadEncodedValue();
        AsnReader validity = tbs.ReadSequence();
        DateTimeOffset notBefore = ReadTime(validity);
        DateTimeOffset notAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> subject = tbs.ReadEncodedValue();
        ReadOnlyMemory<byte> spki = tbs.ReadEncodedValue();

        var extensions = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        bool unique = true;
        bool unknownCritical = false;
        if (tbs.HasData)
        {
            AsnReader list = tbs.ReadSequence(ExtensionList);
            tbs.ThrowIfNotEmpty();
            AsnReader items = list.ReadSequence();
            list.ThrowIfNotEmpty();
            while (items.HasData)
            {
                AsnReader item = items.ReadSequence();
                string oid = item.ReadObjectIdentifier();
                bool critical = item.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && item.ReadBoolean();
                unique &= extensions.TryAdd(oid, item.ReadOctetString());
                unknownCritical |= critical && oid is not (BasicConstraintsOid or KeyUsageOid);
                item.ThrowIfNotEmpty();
            }
        }

        bool accepted = isVersion3 && unique && unusedBits == 0 && innerAlgorithm.Span.SequenceEqual(outerAlgorithm.Span);
        return !accepted ? null : new ParsedCertificate
        {
            Der = der,
            Tbs = tbsBytes,
            Signature = signature,
            SerialNumber = serialNumber,
            Issuer = issuer,
            Subject = subject,
            CommonName = ReadCommonName(subject),
            NotBefore = notBefore,
            NotAfter = notAfter,
            Spki = spki,
            Extensions = extensions,
            HasUnknownCriticalExtension = unknownCritical,
        };
    }

    private static DateTimeOffset ReadTime(AsnReader validity) =>
        validity.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? validity.ReadUtcTime(LastYearOfUtcTime) : validity.ReadGeneralizedTime();

    private static string ReadCommonName(ReadOnlyMemory<byte> name)
    {
        string? found = null;
        AsnReader sequence = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
        while (sequence.HasData)
        {
            AsnReader set = sequence.ReadSetOf();
            while (set.HasData)
            {
                AsnReader attribute = set.ReadSequence();
                if (attribute.ReadObjectIdentifier() == CommonNameOid)
                {
                    string value = ReadText(attribute);
                    found = found is null ? value : string.Empty;
                }
            }
        }

        return found ?? string.Empty;
    }

    private static string ReadText(AsnReader attribute)
    {
        Asn1Tag tag = attribute.PeekTag();
        var type = (UniversalTagNumber)tag.TagValue;
        bool isText = tag.TagClass is TagClass.Universal
            && type is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String;
        return isText ? attribute.ReadCharacterString(type) : string.Empty;
    }

    private static bool ReadsAuthority(ReadOnlyMemory<byte> basicConstraints)
    {
        try
        {
            AsnReader sequence = new AsnReader(basicConstraints, AsnEncodingRules.DER).ReadSequence();
            return sequence.HasData && sequence.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && sequence.ReadBoolean();
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool ReadsRevocationListUse(ReadOnlyMemory<byte> keyUsage)
    {
        try
        {
            byte[] bits = new AsnReader(keyUsage, AsnEncodingRules.DER).ReadBitString(out _);
            return bits.Length > 0 && (bits[0] & RevocationListUse) != 0;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
