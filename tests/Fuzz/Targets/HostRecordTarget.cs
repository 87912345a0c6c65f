using Veil.Attestation;

namespace Veil.Fuzz.Targets;

/// <summary>A record that was read is written again as the same bytes, and can be appraised whatever is in it.</summary>
public static class HostRecordTarget
{
    private static readonly AppraisalPolicy Policy = new()
    {
        Service = "chat.example",
        Snp = new() { TrustedRoots = Attestation.Snp.AmdRoots.All, Measurements = [new byte[48]], VlekProviders = ["CN=cloud.example"] },
    };

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!HostRecord.TryParse(input.ToArray(), out HostRecord? record, out _))
            return;
        if (!record.Encode().AsSpan().SequenceEqual(input))
            throw new InvalidOperationException("A record changed when it was written again.");
        if (AppraisedHost.TryAppraise(record, Policy, DateTimeOffset.UnixEpoch, out _, out _))
            throw new InvalidOperationException("A forged record passed its appraisal.");
    }
}
