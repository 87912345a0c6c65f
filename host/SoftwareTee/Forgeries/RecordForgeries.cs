using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Nvidia;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>The attacks that put honest parts together wrongly.</summary>
internal static class RecordForgeries
{
    public static IReadOnlyList<RecordForgery> All { get; } =
    [
        new("F1", "old-claims", CheckNames.ClaimsValidity, "claims that were over a day ago", maker => maker.Record(began: maker.Now.AddDays(-1) - maker.Lifetime)),
        new("F1", "early-claims", CheckNames.ClaimsValidity, "claims for the day after", maker => maker.Record(began: maker.Now.AddDays(1))),
        new("F1", "long-claims", CheckNames.ClaimsLifetime, "claims that are to hold for a week", maker => maker.Record(lifetime: TimeSpan.FromDays(7))),
        new("F2", "relayed", CheckNames.ReportData, "another machine's evidence beside claims with a key of one's own", maker =>
        {
            Endorsement[] gpus = maker.AskGpus();
            HostRecord honest = maker.WithGpus(gpus);
            return new(maker.Claims(gpus, tlsKey: RandomNumberGenerator.GetBytes(HostClaims.HashSize)).Encode(), honest.Evidence, honest.Endorsements);
        }),
        new("F7", "gpu-of-another-guest", CheckNames.Nonce, "GPUs' evidence that was made for another guest, which a policy for GPUs refuses",
            maker => maker.WithGpus(maker.AskGpus(GpuEvidence.Nonce(RandomNumberGenerator.GetBytes(HostClaims.HashSize)), least: 1))),
        new("F7", "gpu-of-its-own-root", CheckNames.TrustedRoot, "a GPU under a root of its own, which a policy for GPUs refuses", maker =>
        {
            using var other = new SoftwareGpu(maker.Now);
            return maker.WithGpus([other.Answer(GpuEvidence.Nonce(maker.TlsKey)).ToEndorsement()]);
        }),
        new("F7", "gpu-report-of-another", CheckNames.ReportSignature, "a GPU's report under another's chain, which a policy for GPUs refuses", maker =>
        {
            byte[] nonce = GpuEvidence.Nonce(maker.TlsKey);
            using SoftwareGpu one = maker.MakeGpu();
            using SoftwareGpu other = maker.MakeGpu();
            return maker.WithGpus([new GpuEvidence(one.Answer(nonce).Report, other.Answer(nonce).Chain).ToEndorsement()]);
        }),
        new("F7", "gpu-left-out", CheckNames.GpuEvidence, "one GPU more in the claims than in the record, which a policy for GPUs refuses", maker =>
        {
            Endorsement[] gpus = maker.AskGpus(least: 2);
            return maker.WithGpus(gpus, shown: gpus[..^1]);
        }),
    ];
}
