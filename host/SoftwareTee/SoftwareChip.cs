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
    private const int ScalarSize = SnpReport.ScalarSize;
    private const int SignatureHalf = 72;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly byte[] _chipId;

    /// <summary>Makes a chip under a root.</summary>
    /// <param name="root">Certifies the chip's key.</param>
    /// <param name="chipId">64 bytes.</param>
    /// <param name="tcb">The firmware that the key is for.</param>
    /// <param name="now">The certificate is valid from the day before, for seven years as AMD's are.</param>
    public SoftwareChip(SoftwareRoot root, ReadOnlySpan<byte> chipId, TcbVersion tcb, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentOutOfRangeException.ThrowIfNotEqual(chipId.Length, SnpReport.ChipIdSize);
        _chipId = chipId.ToArray();
        Tcb = tcb;
        using X509Certificate2 vcek = Certify(root, now);
        Endorsements =
        [
            new(Endorsement.CertificateMediaType, vcek.RawData),
            new(Endorsement.CertificateMediaType, root.Intermediate.RawData),
            new(Endorsement.CertificateMediaType, root.Root.RawData),
        ];
    }

    /// <summary>The firmware levels.</summary>
    public TcbVersion Tcb { get; }

    /// <summary>VCEK, ASK and ARK.</summary>
    public IReadOnlyList<Endorsement> Endorsements { get; }

    /// <summary>The chip id, 64 bytes.</summary>
    public ReadOnlySpan<byte> ChipId => _chipId;

    /// <summary>A signed report of version 3, as a Milan machine would make it for a guest.</summary>
    /// <param name="content">What the guest is.</param>
    /// <param name="reportData">64 bytes of the guest's choice.</param>
    public byte[] Report(SoftwareGuest content, ReadOnlySpan<byte> reportData)
    {
        ArgumentNullException.ThrowIfNull(content);
        byte[] report = content.Write(reportData, _chipId, Tcb);
        Sign(report);
        return report;
    }

    /// <summary>Signs the first 672 bytes of a report: r and s little-endian, each in 72 bytes.</summary>
    public void Sign(Span<byte> report)
    {
        byte[] signature = _key.SignData(report[..SnpReport.SignedSize], HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signature.AsSpan(0, ScalarSize).Reverse();
        signature.AsSpan(ScalarSize).Reverse();
        Span<byte> field = report[SnpReport.SignedSize..];
        field.Clear();
        signature.AsSpan(0, ScalarSize).CopyTo(field);
        signature.AsSpan(ScalarSize).CopyTo(field[SignatureHalf..]);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose() => _key.Dispose();

    private X509Certificate2 Certify(SoftwareRoot root, DateTimeOffset now)
    {
        var request = new CertificateRequest(AmdName.Of("SEV-VCEK"), _key, HashAlgorithmName.SHA384);
        Add(request, ".1", Integer(0));
        Add(request, ".2", Text("Milan-B0"));
        Add(request, ".3.1", Integer(Tcb.Bootloader));
        Add(request, ".3.2", Integer(Tcb.Tee));
        Add(request, ".3.3", Integer(Tcb.Snp));
        Add(request, ".3.8", Integer(Tcb.Microcode));
        Add(request, ".4", _chipId);
        X509SignatureGenerator signer = X509SignatureGenerator.CreateForRSA(root.IntermediateKey, RSASignaturePadding.Pss);
        return request.Create(root.Intermediate.SubjectName, signer, now.AddDays(-1), now.AddDays(-1).AddYears(7), [0]);
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
