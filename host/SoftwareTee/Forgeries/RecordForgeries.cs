using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Nvidia;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>The attacks that put honest parts together wrongly.</summary>
internal static class RecordForgeries
{
    public static IReadOnlyList<RecordForgery> All { get; } =
    [
        new("F1", "old-claims", CheckNames.ClaimsValidity, "a record of the day before", maker => maker.Record(maker.Claims(began: maker.Now.AddDays(-1)))),
        new("F1", "early-claims", CheckNames.ClaimsValidity, "a record for the day after", maker => maker.Record(maker.Claims(began: maker.Now.AddDays(1)))),
        new("F1", "long-claims", CheckNames.ClaimsLifetime, "claims that are to hold for a week", maker => maker.Record(maker.Claims(lifetime: TimeSpan.FromDays(7)))),
        new("F2", "relayed", CheckNames.ReportData, "another machine's evidence beside claims with a key of one's own", maker =>
        {
            HostRecord honest = maker.Record(maker.Claims());
            return new(maker.Claims(tlsKey: RandomNumberGenerator.GetBytes(HostClaims.HashSize)).Encode(), honest.Evidence, honest.Endorsements);
        }),
        new("F7", "gpu-of-another-guest", CheckNames.Nonce, "a GPU's evidence that was made for another guest", maker =>
        {
            Endorsement[] gpus = maker.AskGpus(1, GpuEvidence.Nonce(new byte[HostClaims.HashSize]));
            return maker.Record(maker.Claims(gpus: gpus), gpus);
        }),
        new("F7", "gpu-of-its-own-root", CheckNames.TrustedRoot, "a GPU under a root of its own", maker =>
        {
            using var other = new SoftwareGpu(maker.Now);
            Endorsement[] gpus = [other.Answer(GpuEvidence.Nonce(maker.TlsKey)).ToEndorsement()];
            return maker.Record(maker.Claims(gpus: gpus), gpus);
        }),
        new("F7", "gpu-report-of-another", CheckNames.ReportSignature, "a GPU's report under another's chain", maker =>
        {
            byte[] nonce = GpuEvidence.Nonce(maker.TlsKey);
            using SoftwareGpu one = maker.MakeGpu();
            using SoftwareGpu other = maker.MakeGpu();
            Endorsement[] gpus = [new GpuEvidence(one.Answer(nonce).Report, other.Answer(nonce).Chain).ToEndorsement()];
            return maker.Record(maker.Claims(gpus: gpus), gpus);
        }),
        new("F7", "gpu-left-out", CheckNames.GpuEvidence, "two GPUs in the claims and one in the record", maker =>
        {
            Endorsement[] gpus = maker.AskGpus(2, GpuEvidence.Nonce(maker.TlsKey));
            return maker.Record(maker.Claims(gpus: gpus), gpus[..1]);
        }),
    ];
}
