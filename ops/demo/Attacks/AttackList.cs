using Veil.Attestation;
using Veil.Transparency.Epochs;

namespace Veil.DevStack.Attacks;

/// <summary>The attacks that the demo plays.</summary>
internal static class AttackList
{
    /// <summary>All of them, in the order in which they are played.</summary>
    public static readonly IReadOnlyList<Attack> All =
    [
        new("per-user-key", "another OHTTP key for one client, in a second head of this epoch that is logged and cosigned", nameof(EpochError.EpochMismatch), PerUserKey),
        new("omitted-host", "one host fewer for one client, in a second head of this epoch that is logged and cosigned", nameof(EpochError.EpochMismatch), OmittedHost),
        new("forked-log", "a history of its own for a client that has seen the real one", nameof(EpochError.Forked), ForkedLogAsync),
        new("debug-host", "a genuine host whose memory its operator can read", "debug", DebugHostAsync),
        new("wrong-measurement", "a genuine host that runs something that no release names", "measurement", WrongMeasurementAsync),
        new("swapped-host-key", "a genuine report beside keys that it was not made for", "report-data", SwappedHostKeyAsync),
        new("fresh-release", "a release that enough signers signed, used at once", "measurement", FreshReleaseAsync),
    ];

    private static Task PerUserKey(AttackStage stage)
    {
        byte[] keys = stage.Adversary.Keep(stage.Adversary.OwnKeys);
        stage.Adversary.Append(stage.Last with { Keys = keys });
        stage.Adversary.Show(stage.Adversary.OwnKeys);
        return Task.CompletedTask;
    }

    private static Task OmittedHost(AttackStage stage)
    {
        EpochHead last = stage.Last;
        stage.Adversary.Append(last with { FleetTotal = 1, FleetRoot = FleetTree.Build(FleetTree.EmptyRoot, [Claims(stage.Hosts[0])]).Root });
        stage.Adversary.Show(stage.RealKeys);
        return Task.CompletedTask;
    }

    private static async Task ForkedLogAsync(AttackStage stage)
    {
        await stage.SeeTheRealLogAsync();
        stage.OwnHistory(stage.Hosts);
    }

    private static async Task DebugHostAsync(AttackStage stage) =>
        stage.OwnHistory([await stage.MakeRecordAsync("--label", Deployment.GuestLabel), await stage.MakeRecordAsync("--label", Deployment.GuestLabel, "--forge", "debug")]);

    private static async Task WrongMeasurementAsync(AttackStage stage) =>
        stage.OwnHistory([await stage.MakeRecordAsync("--label", Deployment.GuestLabel), await stage.MakeRecordAsync("--label", "something else")]);

    private static async Task SwappedHostKeyAsync(AttackStage stage)
    {
        byte[] honest = await stage.MakeRecordAsync("--label", Deployment.GuestLabel);
        _ = HostRecord.TryParse(await stage.MakeRecordAsync("--label", Deployment.GuestLabel), out HostRecord? other, out _);
        stage.OwnHistory([honest, new HostRecord(Reversed(other!.EncodedClaims), other.Evidence, other.Endorsements).Encode()]);
    }

    private static async Task FreshReleaseAsync(AttackStage stage)
    {
        byte[] record = await stage.MakeRecordAsync("--label", "summary 1.1");
        var release = new Release(
            "summary 1.1", "summary.veil.test", "sev-snp", new Dictionary<string, ReadOnlyMemory<byte>> { ["measurement"] = System.Security.Cryptography.SHA384.HashData("summary 1.1"u8) });
        long now = stage.Adversary.Now;
        byte[] fresh = stage.Adversary.SignedReleases(release);
        stage.OwnHistory([record], epoch => epoch == now ? fresh : null);

        // Begun anew, the history forgot the document.
        stage.Adversary.SignedReleases(release);
    }

    private static ReadOnlyMemory<byte> Claims(byte[] record) => HostRecord.TryParse(record, out HostRecord? parsed, out _) ? parsed.EncodedClaims : throw new DevStackException("A record is malformed.");

    /// <summary>The same claims with another KEM key.</summary>
    private static ReadOnlyMemory<byte> Reversed(ReadOnlyMemory<byte> claims)
    {
        _ = HostClaims.TryParse(claims.Span, out HostClaims? parsed, out _);
        byte[] key = [.. parsed!.KeyConfig.Span];
        Array.Reverse(key);
        return new HostClaims
        {
            Id = parsed.Id,
            Epoch = parsed.Epoch,
            NotBefore = parsed.NotBefore,
            NotAfter = parsed.NotAfter,
            CheckpointSize = parsed.CheckpointSize,
            CheckpointRoot = parsed.CheckpointRoot,
            Service = parsed.Service,
            TlsSpkiSha256 = parsed.TlsSpkiSha256,
            KeyConfig = key,
            AcceptsPlainRequests = parsed.AcceptsPlainRequests,
            GpuEvidenceDigest = parsed.GpuEvidenceDigest,
        }.Encode();
    }
}
