using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.HostAgent;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>The attacks that evidence of an SEV-SNP machine can carry.</summary>
internal static class SnpForgeries
{
    private const int ReportData = 0x050;
    private const int R = 0x2A0;
    private const int S = 0x2E8;
    private static readonly byte[] Order = Convert.FromHexString("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");

    public static IReadOnlyList<SnpForgery> All { get; } =
    [
        new("A1", "own-root", CheckNames.TrustedRoot, "a chain of its own under AMD's names", (forger, value) => forger.UnderAnotherRoot(value)),
        new("A2", "own-chain-under-the-root", CheckNames.Chain, "a chain of its own with the trusted root's certificate on top",
            (forger, value) => With(Without(forger.UnderAnotherRoot(value), 2), forger.Chip.Endorsements[2])),
        new("A2", "own-root-beside-the-root", CheckNames.Endorsements, "a chain of its own, and the trusted root's certificate beside it",
            (forger, value) => With(forger.UnderAnotherRoot(value), forger.Chip.Endorsements[2])),
        new("A4", "other-line", CheckNames.ProductLine, "a processor of another product line than its root",
            (forger, value) => forger.Changed(value, report => (report[0x188], report[0x189]) = (0x19, 0x11))),
        new("A5", "certificate-over", CheckNames.ChainValidity, "a certificate whose time is over", (forger, value) => forger.Certified(value, new() { NotBefore = forger.Now.AddYears(-8) })),
        new("A5", "certificate-not-yet-valid", CheckNames.ChainValidity, "a certificate whose time has not come", (forger, value) => forger.Certified(value, new() { NotBefore = forger.Now.AddDays(2) })),
        new("A6", "revoked-intermediate", CheckNames.RevocationList, "an intermediate that its root has revoked", (forger, value) => With(forger.Of(value, forger.Guest), forger.Revoked())),
        new("B1", "certificate-of-another-chip", CheckNames.ChipId, "a certificate that is for another chip", (forger, value) => forger.Certified(value, new() { HardwareId = RandomNumberGenerator.GetBytes(SnpReport.ChipIdSize) })),
        new("B1", "certificate-of-other-firmware", CheckNames.EndorsedTcb, "a certificate that is for older firmware than the report tells",
            (forger, value) => forger.Certified(value, new() { Tcb = forger.Tcb with { Microcode = 1 } })),
        new("B2", "report-says-vlek", CheckNames.SigningKey, "a report that says a VLEK signed it, under a VCEK", (forger, value) => forger.Changed(value, report => report[0x048] = 1 << 2)),
        new("B2", "vlek-for-vcek", CheckNames.Endorsements, "a VLEK's certificate where a VCEK belongs", (forger, value) => forger.Certified(value, new() { CommonName = "SEV-VLEK", Provider = "CN=cloud.example" })),
        new("B3", "chip-id-of-a-wrong-length", CheckNames.EndorsementKey, "a certificate whose chip id is wrapped in a length that it does not have",
            (forger, value) => forger.Certified(value, new() { HardwareId = (byte[])[0x04, SnpReport.ChipIdSize - 1, .. forger.Chip.ChipId] })),
        new("B4", "uncommitted-firmware", CheckNames.ProvisionalFirmware, "firmware that its operator can still roll back", (forger, value) => forger.Changed(value, report => report[0x1E8]++)),
        new("B4", "old-firmware", CheckNames.MinimumTcb, "firmware of long ago, which a policy with a minimum refuses", (forger, value) => forger.WithFirmware(value, forger.Tcb with { Snp = 1 })),
        new("B4", "old-committed-firmware", CheckNames.TcbOrder, "new firmware over a committed one of long ago", (forger, value) => forger.Changed(value, report => report[0x1E6] = 1)),
        new("B5", "no-alias-check", CheckNames.PlatformInfo, "firmware that did not look for memory aliases, which a policy that requires it refuses", (forger, value) => forger.Of(value, forger.Guest with { PlatformInfo = SnpPlatformInfo.Smt })),
        new("B5", "old-microcode", CheckNames.MinimumTcb, "microcode that is known to be bad, which a policy with a minimum refuses", (forger, value) => forger.WithFirmware(value, forger.Tcb with { Microcode = 1 })),
        new("C1", "debug", CheckNames.Debug, "a guest whose memory its operator can read", (forger, value) => forger.Of(value, forger.Guest with { Policy = new(forger.Guest.Policy.Bits | SnpGuestPolicy.DebugAllowed) })),
        new("C2", "lesser-privilege", CheckNames.PrivilegeLevel, "a report that was asked for at a lesser privilege level", (forger, value) => forger.Of(value, forger.Guest with { Vmpl = 1 })),
        new("C2", "operators-report", CheckNames.ReportFormat, "a report that the operator asked for", (forger, value) => forger.Changed(value, report => report.AsSpan(0x030, 4).Fill(0xFF))),
        new("C3", "migration", CheckNames.Migration, "a guest that a migration agent can move",
            (forger, value) => forger.Of(value, forger.Guest with { Policy = new(forger.Guest.Policy.Bits | SnpGuestPolicy.MigrationAllowed) })),
        new("C4", "half-of-the-value", CheckNames.ReportData, "a report over the first half of the value that it must bind", (forger, value) => forger.Changed(value, report => report.AsSpan(ReportData + 32, 32).Clear())),
        new("C4", "no-value", CheckNames.ReportData, "a report over nothing", (forger, value) => forger.Changed(value, report => report.AsSpan(ReportData, 64).Clear())),
        new("C5", "other-host-data", CheckNames.HostData, "a guest that was configured otherwise, which a policy that names host data refuses", (forger, value) => forger.Changed(value, report => report[0x0C0] = 1)),
        new("E1", "zero-in-signature", CheckNames.ReportSignature, "a signature with a half of zero", (forger, value) => forger.Spoiled(value, report => Put(report, S, new byte[SnpReport.ScalarSize]))),
        new("E1", "order-in-signature", CheckNames.ReportSignature, "a signature with a half that is the group's order", (forger, value) => forger.Spoiled(value, report => Put(report, R, [.. Order.Reverse()]))),
        new("E1", "high-bytes-in-signature", CheckNames.ReportFormat, "a signature with a half that is too long", (forger, value) => forger.Spoiled(value, report => Put(report, R + SnpReport.ScalarSize, [1]))),
        new("E2", "other-byte-order", CheckNames.ReportSignature, "a signature in the other byte order",
            (forger, value) => forger.Spoiled(value, report => Put(Put(report, R, [.. report[R..(R + SnpReport.ScalarSize)].Reverse()]), S, [.. report[S..(S + SnpReport.ScalarSize)].Reverse()]))),
        new("E4", "short-signed-part", CheckNames.ReportSignature, "a signature over less than what must be signed", (forger, value) => forger.SignedPart(value, SnpReport.SignedSize - 8)),
        new("E4", "long-signed-part", CheckNames.ReportSignature, "a signature over more than what must be signed", (forger, value) => forger.SignedPart(value, SnpReport.Size)),
        new("E5", "cut-report", CheckNames.ReportFormat, "a report without its last byte", (forger, value) => forger.Spoiled(value, report => report[..^1])),
        new("E5", "huge-length", CheckNames.Endorsements, "a certificate that claims four gigabytes", (forger, value) => Replaced(forger.Of(value, forger.Guest), [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF])),
        new("E5", "unknown-version", CheckNames.ReportFormat, "a report of a version that nobody knows", (forger, value) => forger.Of(value, forger.Guest with { Version = uint.MaxValue })),
        new("E6", "bytes-behind-a-certificate", CheckNames.Endorsements, "a certificate with a byte behind its end", (forger, value) => Replaced(forger.Of(value, forger.Guest), [.. forger.Chip.Endorsements[0].Bytes.Span, 0])),
        new("E6", "doubled-extension", CheckNames.Endorsements, "a certificate that tells the bootloader's level twice", (forger, value) => forger.Certified(value, new() { DoubledExtension = true })),
        new("F4", "unknown-kind", CheckNames.EvidenceType, "evidence of a kind that nobody knows", (forger, value) => Renamed(forger.Of(value, forger.Guest), "application/octet-stream")),
        new("F6", "other-kind", CheckNames.EvidenceType, "valid evidence of a TDX machine, which a policy for SEV-SNP alone refuses", (forger, value) => forger.OfTdx(value)),
    ];

    private static AttestedValue With(AttestedValue attested, Endorsement more) => new(attested.Evidence, [.. attested.Endorsements, more]);

    private static AttestedValue Renamed(AttestedValue attested, string mediaType) => new(attested.Evidence with { MediaType = mediaType }, attested.Endorsements);

    private static AttestedValue Without(AttestedValue attested, int place) => new(attested.Evidence, [.. attested.Endorsements.Where((_, index) => index != place)]);

    /// <summary>With other bytes for the certificate of the chip's key.</summary>
    private static AttestedValue Replaced(AttestedValue attested, byte[] certificate) => new(attested.Evidence, [attested.Endorsements[0] with { Bytes = certificate }, .. attested.Endorsements.Skip(1)]);

    private static byte[] Put(byte[] report, int position, byte[] bytes)
    {
        bytes.CopyTo(report, position);
        return report;
    }
}
