using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;
using Veil.Bench.Measuring;
using Veil.SoftwareTee;

namespace Veil.Bench;

/// <summary>
/// What it costs to verify a host's record whole, on one core. SEV-SNP: with a chain that was verified before, the yardstick is the one ECDSA P-384 verification that
/// is left; without, also the RSA-4096 verifications of endorsement key, intermediate, root and revocation list. TDX: with chain and collateral that were verified
/// before, the ECDSA P-256 verifications of enclave report and quote; without, all ten, of PCK, its authority, root, signer, TCB info, enclave identity and both lists
/// too. The yardsticks' keys are loaded beforehand; cold appraisals are far from theirs since they load each key once, five of P-256 that cost one and a half to two
/// verifications each, or one of P-384 out of its certificate and two of RSA-4096, and read every document.
/// </summary>
internal sealed class AttestBench : IBench
{
    private const int Rounds = 7;
    private const int Operations = 200;
    private const double CachedTarget = 0.7;
    private const int TdxKnown = 2;
    private const int TdxCold = 10;
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

        using var platform = new SoftwareTdxPlatform(now);
        byte[] mrtd = RandomNumberGenerator.GetBytes(TdReport.MeasurementSize);
        var tdRecord = new HostRecord(claims, new(TdxQuote.MediaType, platform.Quote(new SoftwareTd { Mrtd = mrtd }, HostClaims.BoundValue(claims))), platform.Endorse());
        var tdPolicy = new AppraisalPolicy { Service = Service, Tdx = new() { TrustedRoots = [platform.SpkiSha256], Images = [new() { Mrtd = mrtd }] } };
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] ecSigned = new byte[1024];
        byte[] ecSignature = ec.SignData(ecSigned, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

        double[] costs = InterleavedRounds.BestMicroseconds(
            Rounds,
            Operations,
            () => Require(key.VerifyData(report.AsSpan(0, SnpReport.SignedSize), signature, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)),
            () => Require(other.VerifyData(rsaSigned, rsaSignature, HashAlgorithmName.SHA384, RSASignaturePadding.Pss)),
            () => Appraise(record, policy, warm),
            () => Appraise(record, policy, cold),
            () => Require(ec.VerifyData(ecSigned, ecSignature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)),
            () => Appraise(tdRecord, tdPolicy, warm),
            () => Appraise(tdRecord, tdPolicy, cold));
        double coldLimit = costs[0] + (4 * costs[1]);
        return Task.FromResult<IReadOnlyList<BenchResult>>(
        [
            BenchResult.Cost("SEV-SNP, chain known", costs[2], "us", costs[0], CachedTarget),
            BenchResult.Cost("SEV-SNP, cold, with revocation list", costs[3], "us", coldLimit, null),
            BenchResult.Figure("SEV-SNP, chain known: allocated", InterleavedRounds.AllocatedBytes(Operations, () => Appraise(record, policy, warm)), "B"),
            BenchResult.Cost("TDX, chain and collateral known", costs[5], "us", TdxKnown * costs[4], CachedTarget),
            BenchResult.Cost("TDX, cold, with revocation lists", costs[6], "us", TdxCold * costs[4], null),
            BenchResult.Figure("TDX, chain and collateral known: allocated", InterleavedRounds.AllocatedBytes(Operations, () => Appraise(tdRecord, tdPolicy, warm)), "B"),
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
