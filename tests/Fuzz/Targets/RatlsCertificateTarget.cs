using Veil.Attestation;
using Veil.Attestation.Snp;

namespace Veil.Fuzz.Targets;

/// <summary>Any leaf certificate gets a verdict, and none that was not made by a trusted machine passes.</summary>
public static class RatlsCertificateTarget
{
    private static readonly AppraisalPolicy Policy = new()
    {
        Service = "chat.example",
        Snp = new() { TrustedRoots = AmdRoots.All, Measurements = [new byte[48]], VlekProviders = ["CN=cloud.example"] },
    };

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (RatlsAppraisal.TryAppraise(input.ToArray(), Policy, DateTimeOffset.UnixEpoch, out _, out Verdict verdict) || verdict.Checks.Count == 0)
            throw new InvalidOperationException("A forged certificate passed its appraisal, or none was made.");
    }
}
