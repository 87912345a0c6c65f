using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Nvidia;
using Veil.SoftwareTee;

namespace Veil.Host.Tests.Evidence;

/// <summary>Hosts with GPUs, as a relying party judges them together with their machine.</summary>
public sealed class GpuAppraisalTests(SoftwareMachine machine) : IClassFixture<SoftwareMachine>, IDisposable
{
    private static readonly byte[] Nonce = GpuEvidence.Nonce(SoftwareMachine.Claims().TlsSpkiSha256.Span);
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(2);
    private readonly SoftwareGpu _gpu = new(SoftwareMachine.Now, Lifetime);

    [Fact]
    public void A_host_whose_GPUs_say_what_the_policy_asks_for_passes_until_the_first_of_their_chains_ends()
    {
        Endorsement[] gpus = [Ask(), Ask()];
        foreach (byte[] digest in new[] { GpuEvidence.Digest(gpus), Hash(SHA384.HashData, gpus), Hash(SHA512.HashData, gpus) })
        {
            Assert.True(TryAppraise(gpus, digest, With(), out AppraisedHost? host, out Verdict verdict), verdict.ToString());
            Assert.Equal(("passed but for revocation-list", SoftwareMachine.Now + Lifetime), (verdict.ToString(), host!.Expires));
        }
    }

    [Fact]
    public void GPUs_that_nobody_asked_about_are_a_named_gap_and_no_GPUs_are_nothing_to_speak_of()
    {
        Assert.True(TryAppraise([Ask()], GpuEvidence.Digest([Ask()]), policy: null, out _, out Verdict verdict));
        Assert.Contains(CheckNames.GpuEvidence, verdict.Gaps.Select(gap => gap.Name));
        Assert.True(TryAppraise([], [], policy: null, out _, out verdict));
        Assert.DoesNotContain(CheckNames.GpuEvidence, verdict.Checks.Select(check => check.Name));
    }

    [Fact]
    public void A_host_without_the_evidence_that_its_claims_name_is_refused()
    {
        Endorsement gpu = Ask();
        Refused(CheckNames.GpuEvidence, [], [], With());
        Refused(CheckNames.GpuEvidence, [gpu], [], With());
        Refused(CheckNames.GpuEvidence, [], GpuEvidence.Digest([gpu]), With());
        Refused(CheckNames.GpuEvidence, [Ask()], GpuEvidence.Digest([gpu]), With());
        Refused(CheckNames.GpuEvidence, [gpu, gpu], GpuEvidence.Digest([gpu]), With());
        Refused(CheckNames.GpuCount, [], GpuEvidence.Digest([]), With());
        Refused(CheckNames.GpuCount, [gpu], GpuEvidence.Digest([gpu]), With(count: 2));
    }

    [Fact]
    public void Evidence_that_was_made_for_another_guest_or_another_key_epoch_is_refused()
    {
        byte[] other = GpuEvidence.Nonce(SoftwareMachine.Bytes(HostClaims.HashSize, 9));
        Endorsement gpu = _gpu.Answer(other).ToEndorsement();
        Refused(CheckNames.Nonce, [gpu], GpuEvidence.Digest([gpu]), With());
        Endorsement[] two = [Ask(), gpu];
        Refused(CheckNames.Nonce, two, GpuEvidence.Digest(two), With());
    }

    [Fact]
    public void A_GPU_of_another_maker_with_other_firmware_or_a_broken_report_is_refused()
    {
        using var stranger = new SoftwareGpu(SoftwareMachine.Now);
        Endorsement gpu = Ask();
        Endorsement foreign = stranger.Answer(Nonce).ToEndorsement();
        Refused(CheckNames.TrustedRoot, [foreign], GpuEvidence.Digest([foreign]), With());
        Endorsement mixed = new GpuEvidence(_gpu.Answer(Nonce).Report, stranger.Answer(Nonce).Chain).ToEndorsement();
        Refused(CheckNames.ReportSignature, [mixed], GpuEvidence.Digest([mixed]), With(roots: [stranger.SpkiSha256]));
        Refused(CheckNames.Measurement, [gpu], GpuEvidence.Digest([gpu]), With(measurement: SoftwareMachine.Bytes(48, 0x12)));
        foreach (byte[] broken in new byte[][] { [], [0], [0, 1], [0, 1, 7], [.. gpu.Bytes.Span, 0], [.. gpu.Bytes.Span[..^1]] })
        {
            var endorsement = new Endorsement(GpuEvidence.MediaType, broken);
            Refused(CheckNames.ReportFormat, [endorsement], GpuEvidence.Digest([endorsement]), With());
        }
    }

    [Fact]
    public void Measurements_that_nothing_is_known_of_are_a_gap_only_where_the_policy_says_so()
    {
        Endorsement gpu = Ask();
        Refused(CheckNames.Measurement, [gpu], GpuEvidence.Digest([gpu]), new GpuPolicy { TrustedRoots = [_gpu.SpkiSha256] });
        Assert.True(TryAppraise([gpu], GpuEvidence.Digest([gpu]), new() { TrustedRoots = [_gpu.SpkiSha256], AllowMissingReferenceValues = true }, out _, out Verdict verdict));
        Assert.Contains(CheckNames.Measurement, verdict.Gaps.Select(gap => gap.Name));
    }

    public void Dispose() => _gpu.Dispose();

    private static byte[] Hash(Func<byte[], byte[]> hash, IEnumerable<Endorsement> gpus) => hash([.. gpus.SelectMany(gpu => gpu.Bytes.ToArray())]);

    private Endorsement Ask() => _gpu.Answer(Nonce).ToEndorsement();

    private GpuPolicy With(IReadOnlyCollection<ReadOnlyMemory<byte>>? roots = null, byte[]? measurement = null, int count = 1) => new()
    {
        TrustedRoots = roots ?? [_gpu.SpkiSha256],
        ReferenceValues = new Dictionary<int, IReadOnlyCollection<ReadOnlyMemory<byte>>> { [1] = [measurement ?? SoftwareGpu.Measurement] },
        MinimumCount = count,
    };

    private void Refused(string check, Endorsement[] gpus, byte[] digest, GpuPolicy policy)
    {
        Assert.False(TryAppraise(gpus, digest, policy, out _, out Verdict verdict));
        Assert.Equal([check], verdict.Failures.Select(failed => failed.Name));
    }

    private bool TryAppraise(Endorsement[] gpus, byte[] digest, GpuPolicy? policy, out AppraisedHost? host, out Verdict verdict)
    {
        HostRecord record = machine.Record(SoftwareMachine.Claims(digest));
        var shown = new HostRecord(record.EncodedClaims, record.Evidence, [.. record.Endorsements, .. gpus]);
        Assert.True(HostRecord.TryParse(shown.Encode(), out HostRecord? read, out _));
        var wanted = new AppraisalPolicy { Service = SoftwareMachine.Service, Snp = SoftwareMachine.SnpPolicy(), Gpu = policy };
        return AppraisedHost.TryAppraise(read, wanted, SoftwareMachine.Now, out host, out verdict);
    }
}
