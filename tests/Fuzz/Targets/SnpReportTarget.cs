using Veil.Attestation.Snp;

namespace Veil.Fuzz.Targets;

/// <summary>Any field of a report that was accepted can be read.</summary>
public static class SnpReportTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!SnpReport.TryParse(input, out SnpReport? report, out _))
            return;
        _ = report.ReportedTcb(report.Product);
        _ = report.CommittedTcb(report.Product);
        if (report.GetSignature().Length != 96 || !report.SignedBytes.SequenceEqual(input[..SnpReport.SignedSize]))
            throw new InvalidOperationException("A report changed when it was read.");
    }
}
