using System.Text.Json;
using Veil.Attestation;
using Veil.Gateway.Epochs;
using Veil.Gateway.Tests.Parties;
using Veil.SoftwareTee;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Tests.Epochs;

/// <summary>A host that clients would refuse the whole fleet for does not come into a head.</summary>
public static class MatureHostsTests
{
    private const string Old = "chat 1", New = "chat 2";

    private static readonly NoteSigner Signer = NoteSigner.Generate("alice.example", NoteKeyType.Ed25519);

    private static readonly DateTimeOffset Genesis = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds());
    private static readonly Checkpoint NewLog = new("gateway.example/veil", 0, MerkleTree.EmptyRoot);

    [Fact]
    public static void A_host_of_a_release_that_is_too_new_or_gone_is_left_out()
    {
        HostRecord[] hosts = [Host(Old), Host(New), Host("of nobody")];
        byte[] policy = Policy(TestGateway.Service);

        Assert.Equal([hosts[0]], Among(hosts, new(policy, Releases(Old, New)), new(policy, Releases(Old))));
        Assert.Equal(hosts[..2], Among(hosts, new(policy, Releases(Old, New)), new(policy, Releases(Old, New))));
        Assert.Equal([hosts[1]], Among(hosts, new(policy, Releases(New)), new(policy, Releases(Old, New))));
        Assert.Empty(Among(hosts, new(policy, Releases()), new(policy, Releases(Old, New))));
    }

    [Fact]
    public static void A_host_passes_the_policy_of_now_and_of_then()
    {
        using SoftwareRoot other = SoftwareRoot.Create(DateTimeOffset.UtcNow);
        HostRecord[] hosts = [Host(Old), Host(Old, other)];
        byte[] releases = Releases(Old);
        byte[] strict = Policy(TestGateway.Service), loose = Policy(TestGateway.Service, TestHost.Root, other);

        Assert.Equal([hosts[0]], Among(hosts, new(loose, releases), new(strict, releases)));
        Assert.Equal([hosts[0]], Among(hosts, new(strict, releases), new(loose, releases)));
        Assert.Equal(hosts, Among(hosts, new(loose, releases), new(loose, releases)));
    }

    [Fact]
    public static void A_new_service_has_no_host_until_its_policy_is_old_enough()
    {
        HostRecord[] hosts = [Host(Old)];
        byte[] releases = Releases(Old);

        Assert.Empty(Among(hosts, new(Policy(TestGateway.Service), releases), new(Policy("other.example"), releases)));
    }

    /// <summary>A bundle with other release signers cannot read what the old ones signed: then the head's own documents have to do, or no host would be listed for a day.</summary>
    [Fact]
    public static void What_cannot_be_read_of_an_older_head_holds_nobody_back_and_of_the_head_itself_stops_it()
    {
        HostRecord[] hosts = [Host(Old), Host(New)];
        PolicyDocuments present = new(Policy(TestGateway.Service), Releases(Old));
        byte[] nothing = "nothing"u8.ToArray();

        Assert.Equal([hosts[0]], Among(hosts, present, new(nothing, nothing)));
        Assert.Throws<InvalidDataException>(() => Among(hosts, present with { Policy = nothing }, present));
        Assert.Throws<InvalidDataException>(() => Among(hosts, present with { Releases = nothing }, present));
    }

    [Fact]
    public static void A_host_whose_evidence_ends_before_the_head_is_left_out()
    {
        PolicyDocuments documents = new(Policy(TestGateway.Service), Releases(Old));
        HostRule rule = new MatureHosts(Bundle(), new PublishedLog(), TimeProvider.System).Rule(documents, documents);
        HostRecord host = Host(Old);

        Assert.True(rule.Accepts(host, DateTimeOffset.UtcNow.AddMinutes(59)));
        Assert.False(rule.Accepts(host, DateTimeOffset.UtcNow.AddMinutes(61)));
    }

    [Fact]
    public static void A_host_names_a_checkpoint_of_this_log()
    {
        var log = new PublishedLog();
        ReadOnlyMemory<byte>[] entries = ["first"u8.ToArray(), "second"u8.ToArray()];
        byte[][] leaves = [.. entries.Select(entry => MerkleTree.LeafHash(entry.Span))];
        Checkpoint first = new("gateway.example/veil", 1, MerkleTree.Root(leaves[..1])), second = first with { Size = 2, Root = MerkleTree.Root(leaves) };
        Assert.True(log.TryTake(entries, second, Bundle().AuthorityKey));
        PolicyDocuments documents = new(Policy(TestGateway.Service), Releases(Old));
        HostRule rule = new MatureHosts(Bundle(), log, TimeProvider.System).Rule(documents, documents);

        Assert.All([NewLog, first, second], named => Assert.True(Accepts(named)));
        Assert.False(Accepts(second with { Root = first.Root }));
        Assert.False(Accepts(NewLog with { Root = HostClaims.NoCheckpoint }));

        // Newer by one than what this gateway knows: the next head decides, and this one cannot prove it.
        Checkpoint third = second with { Size = 3 };
        Assert.True(Accepts(third));
        Assert.All([4L, long.MaxValue], size => Assert.False(Accepts(second with { Size = size })));
        Assert.False(MatureHosts.IsProvenBy(Host(Old, checkpoint: third), index: 2));
        Assert.True(MatureHosts.IsProvenBy(Host(Old, checkpoint: second), index: 2));

        // Of this log, and of long ago: too old, which one of another release, or of no log, is not.
        HostRule late = new MatureHosts(Bundle() with { Epochs = new(Genesis.AddHours(-30), TimeSpan.FromHours(1)) }, log, TimeProvider.System).Rule(documents, documents);
        Assert.False(late.Accepts(Host(Old, checkpoint: first), DateTimeOffset.UtcNow));
        Assert.True(late.IsTooOld(Host(Old, checkpoint: first), DateTimeOffset.UtcNow));
        Assert.False(late.IsTooOld(Host(New, checkpoint: first), DateTimeOffset.UtcNow));
        Assert.False(rule.IsTooOld(Host(Old, checkpoint: first), DateTimeOffset.UtcNow));

        bool Accepts(Checkpoint named) => rule.Accepts(Host(Old, checkpoint: named), DateTimeOffset.UtcNow);
    }

    private static IReadOnlyList<HostRecord> Among(HostRecord[] hosts, PolicyDocuments present, PolicyDocuments mature)
    {
        HostRule rule = new MatureHosts(Bundle(), new PublishedLog(), TimeProvider.System).Rule(present, mature);
        return [.. hosts.Where(host => rule.Accepts(host, DateTimeOffset.UtcNow))];
    }

    private static HostRecord Host(string release, SoftwareRoot? root = null, Checkpoint? checkpoint = null) =>
        SoftwareRecord.Make(new SoftwareGuest { Measurement = SoftwareGuest.MeasurementOf(release) }, root, checkpoint: checkpoint ?? NewLog);

    private static byte[] Releases(params string[] names) => new DocumentSet(
    [
        .. names.Select(name => (ReadOnlyMemory<byte>)Signer.Sign(new Release(
            name, TestGateway.Service, "sev-snp", new Dictionary<string, ReadOnlyMemory<byte>> { ["measurement"] = SoftwareGuest.MeasurementOf(name) }).NoteText())),
    ]).Encode();

    private static byte[] Policy(string service, params SoftwareRoot[] roots) => new AuthorityPolicy([new ServicePolicy(service, new ServicePrice(0, 0, 1024, 1024, TimeSpan.FromMinutes(1)), JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["v"] = 1,
        ["service"] = service,
        ["kinds"] = new Dictionary<string, object>
        {
            ["sev-snp"] = new { trusted_roots = (roots.Length > 0 ? roots : [TestHost.Root]).Select(root => Convert.ToHexStringLower(root.SpkiSha256)) },
        },
    }))]).Write();

    private static TrustBundle Bundle()
    {
        NoteVerifierKey key = Signer.VerifierKey;
        return new()
        {
            Serial = 1,
            Authority = "gateway.example",
            Epochs = new(Genesis, TimeSpan.FromHours(1)),
            Origin = "gateway.example/veil",
            LogKey = key,
            Witnesses = [],
            WitnessThreshold = 0,
            AuthorityKey = key,
            ReleaseSigners = [key],
            ReleaseThreshold = 1,
            ReleaseMaturity = TimeSpan.FromHours(24),
        };
    }
}
