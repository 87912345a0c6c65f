using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;
using Veil.Attestation.Snp;

namespace Veil.SoftwareTee;

/// <summary>A processor in software: a chip id, firmware levels, and a VCEK (P-384) that the root's ASK has certified for them.</summary>
public sealed class SoftwareChip : IDisposable
{
    private const string ExtensionPrefix = "1.3.6.1.4.1.3704.1";

    /// <summary>One that no certificate has, as long as its neighbours.</summary>
    private const string SpareExtension = ".3.100";

    private const int ScalarSize = SnpReport.ScalarSize;
    private const int SignatureHalf = 72;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly byte[] _chipId;

    /// <summary>Makes a chip under a root.</summary>
    /// <param name="root">Certifies the chip's key.</param>
    /// <param name="chipId">64 bytes.</param>
    /// <param name="tcb">The firmware that the key is for.</param>
    /// <param name="now">The certificate is valid from the day before, for seven years as AMD's are (a VLEK for one).</param>
    /// <param name="endorsement">What the certificate says; null for an honest VCEK.</param>
    public SoftwareChip(SoftwareRoot root, ReadOnlySpan<byte> chipId, TcbVersion tcb, DateTimeOffset now, SoftwareEndorsement? endorsement = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentOutOfRangeException.ThrowIfNotEqual(chipId.Length, SnpReport.ChipIdSize);
        _chipId = chipId.ToArray();
        Tcb = tcb;
        Line = root.Line;
        endorsement ??= new();
        X509Certificate2 intermediate = endorsement.Kind is SnpSigningKey.Vlek
            ? root.VlekIntermediate ?? throw new ArgumentException("A root from a folder has no ASVK.", nameof(root))
            : root.Intermediate;
        Endorsements =
        [
            new(Endorsement.CertificateMediaType, Certify(root, intermediate, endorsement, now)),
            new(Endorsement.CertificateMediaType, intermediate.RawData),
            new(Endorsement.CertificateMediaType, root.Root.RawData),
        ];
    }

    /// <summary>The firmware levels.</summary>
    public TcbVersion Tcb { get; }

    /// <summary>The product line of its root.</summary>
    public ProductLine Line { get; }

    /// <summary>VCEK, ASK and ARK, or VLEK, ASVK and ARK.</summary>
    public IReadOnlyList<Endorsement> Endorsements { get; }

    /// <summary>The chip id, 64 bytes.</summary>
    public ReadOnlySpan<byte> ChipId => _chipId;

    /// <summary>A signed report, as a machine of this line would make it for a guest.</summary>
    /// <param name="content">What the guest is.</param>
    /// <param name="reportData">64 bytes of the guest's choice.</param>
    public byte[] Report(SoftwareGuest content, ReadOnlySpan<byte> reportData)
    {
        ArgumentNullException.ThrowIfNull(content);
        byte[] report = content.Write(reportData, _chipId, Tcb, Line);
        Sign(report);
        return report;
    }

    /// <summary>Signs the first 672 bytes of a report: r and s little-endian, each in 72 bytes.</summary>
    public void Sign(Span<byte> report) => SignPart(report, SnpReport.SignedSize);

    /// <summary>Signs the first <paramref name="size"/> bytes, as a verifier with a wrong idea of the signed part would want it.</summary>
    public void SignPart(Span<byte> report, int size)
    {
        report[SnpReport.SignedSize..].Clear();
        byte[] signature = _key.SignData(report[..size], HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signature.AsSpan(0, ScalarSize).Reverse();
        signature.AsSpan(ScalarSize).Reverse();
        Span<byte> field = report[SnpReport.SignedSize..];
        signature.AsSpan(0, ScalarSize).CopyTo(field);
        signature.AsSpan(ScalarSize).CopyTo(field[SignatureHalf..]);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose() => _key.Dispose();

    private byte[] Certify(SoftwareRoot root, X509Certificate2 intermediate, SoftwareEndorsement endorsement, DateTimeOffset now)
    {
        bool isVlek = endorsement.Kind is SnpSigningKey.Vlek;
        TcbVersion tcb = endorsement.Tcb ?? Tcb;
        var request = new CertificateRequest(AmdName.Of(endorsement.CommonName ?? (isVlek ? "SEV-VLEK" : "SEV-VCEK")), _key, HashAlgorithmName.SHA384);
        Add(request, ".1", Integer(Line is ProductLine.Turin ? (byte)1 : (byte)0));
        Add(request, ".2", Text(endorsement.ProductName ?? (Line is ProductLine.Milan && !isVlek ? "Milan-B0" : Line.ToString())));
        Add(request, ".3.1", Integer(tcb.Bootloader));
        Add(request, ".3.2", Integer(tcb.Tee));
        Add(request, ".3.3", Integer(tcb.Snp));
        Add(request, ".3.8", Integer(tcb.Microcode));
        if (Line is ProductLine.Turin)
        {
            Add(request, ".3.9", Integer(tcb.Fmc));
        }

        ReadOnlyMemory<byte> hardwareId = endorsement.HardwareId ?? (isVlek ? default : _chipId);
        if (!hardwareId.IsEmpty)
        {
            Add(request, ".4", hardwareId.ToArray());
        }

        if (endorsement.DoubledExtension)
        {
            Add(request, SpareExtension, Integer((byte)(tcb.Bootloader + 1)));
        }

        if (endorsement.Provider is { } provider)
        {
            Add(request, ".5", Text(provider));
        }

        X509SignatureGenerator signer = X509SignatureGenerator.CreateForRSA(root.IntermediateKey, RSASignaturePadding.Pss);
        DateTimeOffset notBefore = endorsement.NotBefore ?? now.AddDays(-1);
        using X509Certificate2 issued = request.Create(intermediate.SubjectName, signer, notBefore, notBefore.AddYears(isVlek ? 1 : 7), [0]);
        return endorsement.DoubledExtension ? Doubled(issued.RawData, root.IntermediateKey) : issued.RawData;
    }

    /// <summary>Gives the extension that is there for it the bootloader's name, and signs again.</summary>
    private static byte[] Doubled(byte[] certificate, RSA signer)
    {
        ReadOnlySpan<byte> spare = EncodedOid(SpareExtension);
        EncodedOid(".3.1").CopyTo(certificate.AsSpan(certificate.AsSpan().IndexOf(spare)));
        ReadOnlyMemory<byte> signed = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().PeekEncodedValue();
        byte[] signature = signer.SignData(signed.Span, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        signature.CopyTo(certificate, certificate.Length - signature.Length);
        return certificate;
    }

    private static byte[] EncodedOid(string suffix)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(ExtensionPrefix + suffix);
        return writer.Encode();
    }

    private static void Add(CertificateRequest request, string suffix, byte[] value) =>
        request.CertificateExtensions.Add(new X509Extension(ExtensionPrefix + suffix, value, critical: false));

    private static byte[] Integer(byte value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteInteger(value);
        return writer.Encode();
    }

    private static byte[] Text(string value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteCharacterString(UniversalTagNumber.IA5String, value);
        return writer.Encode();
    }
}
