using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Bench.Measuring;
using Veil.SoftwareTee;

namespace Veil.Bench;

/// <summary>
/// What it costs to verify a host's SEV-SNP record whole, on one core. With a chain that was verified before, the yardstick is the one ECDSA P-384 verification that
/// is left; without, also the RSA-4096 verifications of endorsement key, intermediate, root and revocation list.
/// </summary>
internal sealed class AttestBench : IBench
{
    private const int Rounds = 7;
    private const int Operations = 50;
    private const double CachedTarget = 0.7;
    private const string Service = "chat.example";

    public string Name => "attest";

    public string Description => "verification of host records, cold and with a chain that is known, against the bare signature verifications (about 30 s)";

    public Task<IReadOnlyList<BenchResult>> RunAsync()
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        using SoftwareRoot root = SoftwareRoot.Create(now);
        using var chip = new SoftwareChip(root, RandomNumberGenerator.GetBytes(SnpReport.ChipIdSize), new TcbVersion(0, 4, 0, 24, 219), now);
        var guest = new SoftwareGuest { Measurement = SoftwareGuest.MeasurementOf("bench") };
        byte[] claims = Claims(now).Encode();
        byte[] report = chip.Report(guest, HostClaims.BoundValue(claims));
        Endorsement list = root.RevocationList([[5]], now.AddDays(-1), now.AddDays(30));
        var record = new HostRecord(claims, new(SnpReport.MediaType, report), [.. chip.Endorsements, list]);
        var policy = new AppraisalPolicy
        {
            Service = Service,
            Snp = new() { TrustedRoots = [root.SpkiSha256], Measurements = [guest.Measurement], RequireCrl = true },
        };
        var cold = new AppraisalContext { Now = now };
        AppraisalContext warm = cold with { Known = new VerifiedSignatures() };

        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(chip.Endorsements[0].Bytes.Span);
        using ECDsa key = leaf.GetECDsaPublicKey()!;
        byte[] rsaSigned = new byte[1024];
        using var other = RSA.Create(4096);
        byte[] rsaSignature = other.SignData(rsaSigned, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        Require(SnpReport.TryParse(report, out SnpReport? parsed, out _));
        byte[] signature = parsed!.GetSignature();

        double[] costs = InterleavedRounds.BestMicroseconds(
            Rounds,
            Operations,
            () => Require(key.VerifyData(report.AsSpan(0, SnpReport.SignedSize), signature, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)),
            () => Require(other.VerifyData(rsaSigned, rsaSignature, HashAlgorithmName.SHA384, RSASignaturePadding.Pss)),
            () => Appraise(record, policy, warm),
            () => Appraise(record, policy, cold));
        double coldLimit = costs[0] + (4 * costs[1]);
        return Task.FromResult<IReadOnlyList<BenchResult>>(
        [
            BenchResult.Cost("SEV-SNP, chain known", costs[2], "us", costs[0], CachedTarget),
            BenchResult.Cost("SEV-SNP, cold, with revocation list", costs[3], "us", coldLimit, null),
            BenchResult.Figure("SEV-SNP, chain known: allocated", InterleavedRounds.AllocatedBytes(Operations, () => Appraise(record, policy, warm)), "B"),
        ]);
    }

    private static HostClaims Claims(DateTimeOffset now) => new()
    {
        Id = new byte[HostClaims.IdSize],
        Epoch = 1,
        NotBefore = now,
        NotAfter = now.AddHours(1),
        Service = Service,
        TlsSpkiSha256 = new byte[HostClaims.HashSize],
        KeyConfig = new byte[41],
        AcceptsPlainRequests = false,
    };

    private static void Appraise(HostRecord record, AppraisalPolicy policy, AppraisalContext context) =>
        Require(AppraisedHost.TryAppraise(record, policy, context, out _, out _));

    private static void Require(bool holds)
    {
        if (!holds)
            throw new InvalidOperationException("The bench's own record was refused.");
    }
}
