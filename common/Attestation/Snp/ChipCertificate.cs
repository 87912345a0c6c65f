namespace Veil.Attestation.Snp;

/// <summary>The certificate of a chip's key (VCEK), as the machine's side has to find it. A verifier looks for itself.</summary>
public static class ChipCertificate
{
    /// <summary>True when a certificate is for the report's chip at the report's firmware levels; nothing is said of signatures.</summary>
    /// <param name="report">The report; says its product and its chip.</param>
    /// <param name="der">Untrusted.</param>
    public static bool IsFor(SnpReport report, ReadOnlyMemory<byte> der)
    {
        ArgumentNullException.ThrowIfNull(report);
        return ParsedCertificate.TryParse(der, out ParsedCertificate? certificate)
            && AmdExtensions.TryRead(certificate, report.Product, out AmdExtensions? extensions)
            && extensions.Tcb == report.ReportedTcb(report.Product)
            && extensions.HardwareId is { } hardwareId && report.ChipId.SequenceEqual(hardwareId);
    }
}
