using System.Security.Cryptography;

namespace Veil.Attestation.Nvidia;

/// <summary>
/// Appraises evidence of an NVIDIA GPU: form, the verifier's nonce, the device's chain to a pinned root, the signature, the firmware that the chain was made for, and the
/// measurements. What NVIDIA itself says of a certificate today (OCSP) is not asked: nobody here talks to a manufacturer.
/// </summary>
public static class GpuAppraisal
{
    /// <summary>The longest chain: leaf, two of the device's, the line's, the root, and room.</summary>
    public const int MaxCertificates = 8;

    private const string DiceTcbInfoOid = "2.23.133.5.4.1";

    /// <summary>Appraises a report.</summary>
    /// <param name="evidence">Untrusted.</param>
    /// <param name="chain">Untrusted; DER, the leaf first, the root last.</param>
    /// <param name="policy">What is accepted.</param>
    /// <param name="nonce">What the verifier asked with, 32 bytes; null, which nothing passes, where that is not known.</param>
    /// <param name="now">The verifier's time.</param>
    public static Verdict Appraise(ReadOnlySpan<byte> evidence, IReadOnlyList<ReadOnlyMemory<byte>> chain, GpuPolicy policy, ReadOnlyMemory<byte>? nonce, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(policy);
        var checks = new VerdictBuilder();
        using (checks.Open(GroupNames.Gpu))
        {
            Appraise(evidence, chain, policy, nonce, now, isHardwareOnly: false, checks);
        }

        return checks.ToVerdict();
    }

    /// <summary>Adds the checks to the group that is open.</summary>
    /// <param name="evidence">Untrusted.</param>
    /// <param name="chain">Untrusted.</param>
    /// <param name="policy">What is accepted.</param>
    /// <param name="nonce">What the verifier asked with, or null.</param>
    /// <param name="now">The verifier's time.</param>
    /// <param name="isHardwareOnly">A nonce that is not known leaves a named gap in place of a refusal.</param>
    /// <param name="checks">Gets the checks.</param>
    /// <returns>The instant at which the chain ends; the end of time where there is none.</returns>
    internal static DateTimeOffset Appraise(
        ReadOnlySpan<byte> evidence, IReadOnlyList<ReadOnlyMemory<byte>> chain, GpuPolicy policy, ReadOnlyMemory<byte>? nonce, DateTimeOffset now, bool isHardwareOnly, VerdictBuilder checks)
    {
        bool parsed = GpuReport.TryParse(evidence, out GpuReport? report, out AttestationError error);
        if (!checks.CheckParsed(CheckNames.ReportFormat, parsed, error, "SPDM messages") || report is null)
        {
            return DateTimeOffset.MaxValue;
        }

        if (nonce is { } asked)
        {
            bool isFresh = CryptographicOperations.FixedTimeEquals(asked.Span, report.Nonce.Span);
            checks.Check(CheckNames.Nonce, isFresh, Convert.ToHexStringLower(report.Nonce.Span), Convert.ToHexStringLower(asked.Span), "SPDM request 4");
        }
        else
        {
            checks.Gap(CheckNames.Nonce, isHardwareOnly, Convert.ToHexStringLower(report.Nonce.Span), "the verifier's own, which is not known", "SPDM request 4");
        }

        if (ReadChain(chain) is not { } certificates)
        {
            checks.Check(CheckNames.Endorsements, passed: false, $"{chain.Count} certificates", $"2 to {MaxCertificates} well-formed ones, the leaf first", "chain");
            return DateTimeOffset.MaxValue;
        }

        DateTimeOffset ends = CheckChain(report, certificates, policy, now, checks);
        CheckMeasurements(report, policy, checks);
        return ends;
    }

    private static DateTimeOffset CheckChain(GpuReport report, ParsedCertificate[] certificates, GpuPolicy policy, DateTimeOffset now, VerdictBuilder checks)
    {
        ParsedCertificate leaf = certificates[0];
        ParsedCertificate root = certificates[^1];
        DateTimeOffset ends = certificates.Min(certificate => certificate.NotAfter);
        checks.Check(CheckNames.TrustedRoot, Accepted.Contains(policy.TrustedRoots, root.SpkiSha256), Convert.ToHexStringLower(root.SpkiSha256), Accepted.AnyOf(policy.TrustedRoots), "last certificate");
        checks.Check(CheckNames.Chain, IsSigned(certificates), $"{certificates.Length} certificates", "each signed by the next, the last by itself, and authorities above the leaf", "chain");
        checks.Check(CheckNames.ChainValidity, Array.TrueForAll(certificates, certificate => certificate.IsValidAt(now)), $"until {ends:u}", $"valid at {now:u}", "chain");
        checks.Until(CheckNames.ChainValidity, ends, "chain");
        checks.Check(CheckNames.ReportSignature, EcSignature.VerifyP384(leaf.Spki.Span, report.SignedBytes, report.Signature), leaf.CommonName, "signed by the leaf's P-384 key", "last 96 bytes");

        // The chain's leaf was made by the firmware that booted, and names it; the report names it as well.
        bool isSameFirmware = !report.FirmwareId.IsEmpty && leaf.Extensions.TryGetValue(DiceTcbInfoOid, out ReadOnlyMemory<byte> tcbInfo) && tcbInfo.Span.IndexOf(report.FirmwareId.Span) >= 0;
        checks.Check(CheckNames.GpuFirmware, isSameFirmware, Convert.ToHexStringLower(report.FirmwareId.Span), "the FWID of the leaf", "opaque field 20");
        return ends;
    }

    private static void CheckMeasurements(GpuReport report, GpuPolicy policy, VerdictBuilder checks)
    {
        string found = $"driver {report.DriverVersion}, VBIOS {report.VbiosVersion}";
        if (policy.ReferenceValues is not { Count: > 0 } references)
        {
            checks.Gap(CheckNames.Measurement, policy.AllowMissingReferenceValues, found, "reference values of this driver and VBIOS", "measurement record");
            return;
        }

        foreach ((int index, IReadOnlyCollection<ReadOnlyMemory<byte>> accepted) in references.OrderBy(pair => pair.Key))
        {
            bool passed = report.Measurements.TryGetValue(index, out ReadOnlyMemory<byte> value) && Accepted.Contains(accepted, value.Span);
            checks.Check(CheckNames.Measurement, passed, Convert.ToHexStringLower(value.Span), Accepted.AnyOf(accepted), $"measurement {index}, {found}");
        }
    }

    private static ParsedCertificate[]? ReadChain(IReadOnlyList<ReadOnlyMemory<byte>> chain)
    {
        if (chain.Count is < 2 or > MaxCertificates)
        {
            return null;
        }

        var certificates = new ParsedCertificate[chain.Count];
        for (int i = 0; i < chain.Count; i++)
        {
            if (!ParsedCertificate.TryParse(chain[i], out ParsedCertificate? certificate))
            {
                return null;
            }

            certificates[i] = certificate;
        }

        return certificates;
    }

    private static bool IsSigned(ParsedCertificate[] chain)
    {
        for (int i = 0; i < chain.Length; i++)
        {
            ParsedCertificate certificate = chain[i];
            ParsedCertificate issuer = chain[Math.Min(i + 1, chain.Length - 1)];
            if (certificate.HasUnknownCriticalExtension || certificate.IsAuthority != i > 0 || !certificate.Issuer.Span.SequenceEqual(issuer.Subject.Span)
                || !EcSignature.VerifyP384Certificate(issuer.Spki.Span, certificate.Tbs.Span, certificate.Signature.Span))
            {
                return false;
            }
        }

        return true;
    }
}
