using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace Veil.Attestation.Snp;

/// <summary>
/// What AMD's extensions (1.3.6.1.4.1.3704.1) of a VCEK or VLEK certificate say: which product, which firmware, which chip or
/// which cloud provider the key is for.
/// </summary>
internal sealed class AmdExtensions
{
    private const string Prefix = "1.3.6.1.4.1.3704.1";
    private const string ProductNameOid = Prefix + ".2";
    private const string BootloaderOid = Prefix + ".3.1";
    private const string TeeOid = Prefix + ".3.2";
    private const string SnpOid = Prefix + ".3.3";
    private const string MicrocodeOid = Prefix + ".3.8";
    private const string FmcOid = Prefix + ".3.9";
    private const string HardwareIdOid = Prefix + ".4";
    private const string ProviderOid = Prefix + ".5";
    private const int ShortHardwareIdSize = 8;
    private const int OctetStringHeader = 2;

    /// <summary>"Milan-B0", "Genoa", "Turin": the stepping is optional.</summary>
    public required string ProductName { get; init; }

    /// <summary>The firmware that the key was derived for.</summary>
    public required TcbVersion Tcb { get; init; }

    /// <summary>The chip, padded with zeros to 64 bytes; null in a VLEK.</summary>
    public required byte[]? HardwareId { get; init; }

    /// <summary>The cloud provider (CSP_ID); null in a VCEK.</summary>
    public required string? Provider { get; init; }

    /// <summary>Reads the extensions; false where one is missing or malformed.</summary>
    public static bool TryRead(ParsedCertificate certificate, ProductLine product, [NotNullWhen(true)] out AmdExtensions? extensions)
    {
        try
        {
            byte? fmc = product is ProductLine.Turin ? ReadLevel(certificate, FmcOid) : (byte)0;
            byte[]? hardwareId = null;
            bool hardwareIdFits = !certificate.Extensions.TryGetValue(HardwareIdOid, out ReadOnlyMemory<byte> id) || TryReadHardwareId(id.Span, out hardwareId);
            extensions = ReadText(certificate, ProductNameOid) is { } productName
                && fmc is { } fmcLevel
                && ReadLevel(certificate, BootloaderOid) is { } bootloader
                && ReadLevel(certificate, TeeOid) is { } tee
                && ReadLevel(certificate, SnpOid) is { } snp
                && ReadLevel(certificate, MicrocodeOid) is { } microcode
                && hardwareIdFits
                ? new AmdExtensions
                {
                    ProductName = productName,
                    Tcb = new(fmcLevel, bootloader, tee, snp, microcode),
                    HardwareId = hardwareId,
                    Provider = ReadText(certificate, ProviderOid),
                }
                : null;
        }
        catch (AsnContentException)
        {
            extensions = null;
        }

        return extensions is not null;
    }

    private static byte? ReadLevel(ParsedCertificate certificate, string oid)
    {
        if (!certificate.Extensions.TryGetValue(oid, out ReadOnlyMemory<byte> value))
        {
            return null;
        }

        var reader = new AsnReader(value, AsnEncodingRules.DER);
        bool fits = reader.TryReadUInt32(out uint level) && level <= byte.MaxValue;
        reader.ThrowIfNotEmpty();
        return fits ? (byte)level : null;
    }

    private static string? ReadText(ParsedCertificate certificate, string oid)
    {
        if (!certificate.Extensions.TryGetValue(oid, out ReadOnlyMemory<byte> value))
        {
            return null;
        }

        var reader = new AsnReader(value, AsnEncodingRules.DER);
        string text = reader.ReadCharacterString(UniversalTagNumber.IA5String);
        reader.ThrowIfNotEmpty();
        return text;
    }

    /// <summary>
    /// The id is raw (64 bytes; Turin 8), or in newer certificates an OCTET STRING around it. The length decides, never the
    /// first byte: a raw id may begin with any.
    /// </summary>
    private static bool TryReadHardwareId(ReadOnlySpan<byte> value, [NotNullWhen(true)] out byte[]? hardwareId)
    {
        hardwareId = null;
        bool isWrapped = value.Length is SnpReport.ChipIdSize + OctetStringHeader or ShortHardwareIdSize + OctetStringHeader;
        if (isWrapped && (value[0] != 0x04 || value[1] != value.Length - OctetStringHeader))
        {
            return false;
        }

        ReadOnlySpan<byte> id = isWrapped ? value[OctetStringHeader..] : value;
        if (id.Length is not (SnpReport.ChipIdSize or ShortHardwareIdSize))
        {
            return false;
        }

        hardwareId = new byte[SnpReport.ChipIdSize];
        id.CopyTo(hardwareId);
        return true;
    }
}
