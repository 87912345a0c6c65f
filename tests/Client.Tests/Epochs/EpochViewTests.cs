using System.Net;
using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Client.Tests.Exchange;
using Veil.ClientSdk;
using Veil.SoftwareTee;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Client.Tests.Epochs;

/// <summary>
/// The client takes everything from the one head that its witnesses vouch for. Whatever an operator shows to one client alone is refused by name before anything private
/// leaves, however properly it is logged.
/// </summary>
public static class EpochViewTests
{
    private const long Now = EpochServer.Now;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public static async Task A_first_run_needs_nothing_but_the_trust_bundle()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.Hosts = [EpochServer.Host(1), EpochServer.Host(2)];
        epochs.UpTo();
        using var handler = new VeilHandler(far.Options(tokens: true));

        TrustedView view = await handler.GetViewAsync(Stop);
        using var client = new HttpClient(handler, disposeHandler: false);
        using HttpResponseMessage answer = await client.PostAsync(FarSide.Url(), new StringContent("hello"), Stop);

        Assert.Equal("hello", await answer.Content.ReadAsStringAsync(Stop));
        Assert.Equal(2, view.HostCount(FarSide.Service));
        EpochStanding standing = Assert.IsType<EpochStanding>(view.Standing);
        Assert.Equal((Now, Now + 1, 2L, 2), (standing.Epoch, standing.LogSize, standing.FleetTotal, standing.HostsVerified));
        Assert.Equal([EpochServer.ReleaseName], standing.Releases);
        Assert.Equal(["witness.example/1", "witness.example/2"], standing.Witnesses.Order());
    }

    public static TheoryData<string, EpochError> Equivocations => new()
    {
        { "another OHTTP key", EpochError.EpochMismatch },
        { "another issuer key", EpochError.EpochMismatch },
        { "another challenge", EpochError.EpochMismatch },
        { "another policy", EpochError.EpochMismatch },
        { "an omitted host", EpochError.EpochMismatch },
        { "another OHTTP key under the next epoch", EpochError.BeforeItsTime },
        { "an old head, replayed", EpochError.ClockUnsure },
        { "a stalled log", EpochError.Stalled },
        { "a log with a witness that nobody knows", EpochError.NotWitnessed },
        { "an entry of another authority", EpochError.NotTheAuthority },
        { "a key that nobody announced", EpochError.NotAnnounced },
        { "an issuer key that nobody announced", EpochError.NotAnnounced },
        { "a key beside the head", EpochError.WrongDocument },
        { "a withheld document", EpochError.WrongDocument },
        { "a host left out of the answer", EpochError.WrongFleet },
        { "a host twice in the head", EpochError.WrongFleet },
        { "a machine under two ids", EpochError.WrongFleet },
        { "a sealing key under two key ids", EpochError.WrongFleet },
        { "a guest under two sets of keys", EpochError.WrongFleet },
    };

    [Theory]
    [MemberData(nameof(Equivocations))]
    public static async Task What_one_client_alone_is_shown_is_refused_before_anything_private_leaves(string lie, EpochError expected)
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.Hosts = [EpochServer.Host(1), EpochServer.Host(2)];
        EpochLies.Tell(far, epochs, lie);
        using HttpClient client = far.Client(tokens: true);

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url("/secret"), Stop));

        Assert.Equal(VeilFailure.EpochRefused, failure.Failure);
        Assert.Contains($"({expected})", failure.Message, StringComparison.Ordinal);
        Assert.Empty(far.Inner);
        Assert.Equal(0, far.Issued);
    }

    [Theory]
    [InlineData("debug", "debug")]
    [InlineData("measurement", "measurement")]
    [InlineData("root", "trusted-root")]
    [InlineData("swapped key", "report-data")]
    public static async Task A_fleet_with_a_host_that_does_not_pass_is_refused_by_the_name_of_the_check(string forgery, string check)
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        byte[] measurement = SoftwareGuest.MeasurementOf(EpochServer.ReleaseName);
        using SoftwareRoot other = SoftwareRoot.Create(DateTimeOffset.UtcNow);
        HostRecord honest = EpochServer.Host(2);
        HostRecord forged = forgery switch
        {
            "debug" => EpochServer.Host(2, guest: new SoftwareGuest { Measurement = measurement, Policy = new(SnpGuestPolicy.AlwaysOne | SnpGuestPolicy.SmtAllowed | SnpGuestPolicy.DebugAllowed) }),
            "measurement" => EpochServer.Host(2, guest: new SoftwareGuest { Measurement = SoftwareGuest.MeasurementOf("something else") }),
            "root" => EpochServer.Host(2, root: other),
            _ => new HostRecord(EpochServer.Host(3).EncodedClaims, honest.Evidence, honest.Endorsements),
        };
        epochs.Hosts = [EpochServer.Host(1), forged];
        epochs.UpTo();
        using HttpClient client = far.Client();

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url("/secret"), Stop));

        Assert.Equal((VeilFailure.HostRefused, Hop.Host), (failure.Failure, failure.Hop));
        Assert.Contains(check, failure.Message, StringComparison.Ordinal);
        Assert.Empty(far.Inner);
    }

    [Fact]
    public static async Task A_release_counts_when_it_has_been_public_for_a_day_and_no_longer_when_it_is_gone()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        byte[] first = Assert.Single(epochs.Releases);
        byte[] second = epochs.Authority.Sign(EpochServer.MakeRelease("chat 1.3", SoftwareGuest.MeasurementOf("chat 1.3")));
        epochs.UpTo(Now - 25).Releases = [first, second];
        epochs.UpTo(Now - 1);

        Assert.Equal([EpochServer.ReleaseName], await ReleasesAsync(far));
        epochs.UpTo(Now);
        Assert.Equal([EpochServer.ReleaseName, "chat 1.3"], await ReleasesAsync(far));

        epochs.ForkAt(Now);
        epochs.Releases = [second];
        epochs.UpTo(Now);
        Assert.Equal(["chat 1.3"], await ReleasesAsync(far));
    }

    [Fact]
    public static async Task A_host_of_a_release_before_its_time_is_refused()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.Releases = [.. epochs.UpTo(Now - 1).Releases, epochs.Authority.Sign(EpochServer.MakeRelease("chat 1.3", SoftwareGuest.MeasurementOf("chat 1.3")))];
        epochs.Hosts = [EpochServer.Host(1, guest: new SoftwareGuest { Measurement = SoftwareGuest.MeasurementOf("chat 1.3") })];
        epochs.UpTo();
        using HttpClient client = far.Client();

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));

        Assert.Equal(VeilFailure.HostRefused, failure.Failure);
        Assert.Contains("measurement", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>The authority signs and logs that hosts of another manufacturer are genuine from now on: release signers are not asked, so time has to do.</summary>
    [Theory]
    [InlineData(Now - 1, false)]
    [InlineData(Now - 25, true)]
    public static async Task A_policy_that_asks_for_less_counts_when_it_has_been_public_for_as_long_as_a_release(long looseSince, bool accepted)
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        using SoftwareRoot other = SoftwareRoot.Create(DateTimeOffset.UtcNow);
        epochs.UpTo(looseSince).TrustedRoots = [.. epochs.TrustedRoots, other];
        epochs.UpTo(Now - 1).Hosts = [EpochServer.Host(1), EpochServer.Host(2, root: other)];
        epochs.UpTo();

        if (accepted)
        {
            Assert.Equal(2, (await ViewAsync(far)).HostCount(FarSide.Service));
            return;
        }

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => ViewAsync(far));
        Assert.Equal(VeilFailure.HostRefused, failure.Failure);
        Assert.Contains("trusted-root", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Clients of the other services notice nothing of it.</summary>
    [Fact]
    public static async Task Hosts_of_a_new_service_are_left_out_until_its_policy_is_old_enough()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.UpTo(Now - 1).OtherServices = ["new.example"];
        epochs.Hosts = [EpochServer.Host(1), EpochServer.Host(2, service: "new.example")];
        epochs.UpTo();

        TrustedView view = await ViewAsync(far);
        Assert.Equal(1, view.HostCount(FarSide.Service));
        Assert.False(view.Serves("new.example"));
    }

    [Fact]
    public static async Task A_policy_that_asks_for_more_counts_at_once()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        using SoftwareRoot other = SoftwareRoot.Create(DateTimeOffset.UtcNow);
        epochs.UpTo(Now - 1).TrustedRoots = [other];
        epochs.Hosts = [EpochServer.Host(1)];
        epochs.UpTo();

        Assert.Equal(VeilFailure.HostRefused, (await Assert.ThrowsAsync<VeilException>(() => ViewAsync(far))).Failure);
    }

    [Fact]
    public static async Task Heads_that_were_held_back_are_refused_by_name()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.UpTo(1).Releases = [epochs.Authority.Sign(EpochServer.MakeRelease("chat 1.3", SoftwareGuest.MeasurementOf("chat 1.3")))];
        epochs.Authority.PublishedAt = index => index < 2 ? epochs.Authority.Bundle.Epochs.StartOf(index) : DateTimeOffset.UtcNow;
        epochs.UpTo();

        Assert.Contains($"({EpochError.NotPublicInTime})", (await Assert.ThrowsAsync<VeilException>(() => ViewAsync(far))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task A_release_that_too_few_signed_refuses_the_epoch()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.Releases = [epochs.Authority.Sign(EpochServer.MakeRelease("chat 1.3", new byte[48]), signers: 1)];
        epochs.UpTo();
        using HttpClient client = far.Client();

        Assert.Equal(VeilFailure.EpochRefused, (await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop))).Failure);
    }

    [Fact]
    public static async Task A_log_that_forks_from_or_is_shorter_than_what_was_seen_is_refused()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.UpTo();
        await ViewAsync(far);

        epochs.MirrorInstead = () => epochs.Authority.Package(DateTimeOffset.UtcNow, far.Mirror, size: Now).Encode();
        Assert.Contains($"({EpochError.RolledBack})", (await Assert.ThrowsAsync<VeilException>(() => ViewAsync(far))).Message, StringComparison.Ordinal);

        epochs.MirrorInstead = null;
        epochs.ForkAt(Now - 1);
        epochs.Authority.Append(epochs.MakeHead(Now - 1, policy: new AuthorityPolicy([]).Write()));
        epochs.UpTo();
        Assert.Contains($"({EpochError.Forked})", (await Assert.ThrowsAsync<VeilException>(() => ViewAsync(far))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task A_log_that_grew_is_followed_by_its_consistency_proof()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.UpTo(Now - 1);
        await ViewAsync(far);
        epochs.UpTo(Now);
        await ViewAsync(far);

        Assert.Contains($"/.well-known/veil/epochs/{Now}/consistency/{Now}", epochs.Asked);
        epochs.Change = (path, bytes) => path.Contains("consistency", StringComparison.Ordinal) ? ConsistencyProof.Encode([]) : bytes;
        await File.WriteAllTextAsync(far.File("seen"), $"{Now} {Convert.ToBase64String(epochs.Authority.Root(Now))}\n", Stop);
        Assert.Contains($"({EpochError.Forked})", (await Assert.ThrowsAsync<VeilException>(() => ViewAsync(far))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task A_view_that_differs_through_a_second_relay_is_refused_by_name()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.AsksSecondRelay = true;
        epochs.UpTo();
        Assert.Equal(Now, (await ViewAsync(far)).Standing!.Epoch);

        byte[] truth = epochs.Package();
        epochs.OtherMirror = () => truth;
        epochs.ForkAt(Now);
        epochs.Authority.Append(epochs.MakeHead(Now, policy: new AuthorityPolicy([]).Write()));
        File.Delete(far.File("seen"));

        Assert.Equal((VeilFailure.SplitView, Hop.Relay), await FailureAsync(() => ViewAsync(far)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static async Task A_second_relay_that_is_an_epoch_behind_must_be_so_in_one_history(bool honest)
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.AsksSecondRelay = true;
        epochs.UpTo();

        // The same last heads, and long ago another one.
        using Common.Tests.Transparency.TestAuthority fork = epochs.Authority.Truncated(10);
        fork.Append(epochs.MakeHead(10, policy: new AuthorityPolicy([]).Write()));
        while (fork.Size < Now)
            fork.Append(epochs.MakeHead(fork.Size));
        epochs.OtherMirror = () => (honest ? epochs.Authority : fork).Package(DateTimeOffset.UtcNow, far.Mirror, size: Now).Encode();

        if (honest)
            Assert.Equal(Now, (await ViewAsync(far)).Standing!.Epoch);
        else
            Assert.Equal((VeilFailure.SplitView, Hop.Relay), await FailureAsync(() => ViewAsync(far)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static async Task What_another_process_has_seen_meanwhile_must_be_continued_too(bool sameHistory)
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.UpTo();
        byte[] root = sameHistory ? epochs.Authority.Root(Now) : RandomNumberGenerator.GetBytes(32);
        int documents = 0;
        epochs.Change = (path, bytes) =>
        {
            if (path.EndsWith("/documents", StringComparison.Ordinal) && documents++ is 0)
                File.WriteAllText(far.File("seen"), $"{Now} {Convert.ToBase64String(root)}\n");
            return bytes;
        };

        if (sameHistory)
        {
            Assert.Equal(Now, (await ViewAsync(far)).Standing!.Epoch);
            Assert.Equal(2, documents);
            Assert.StartsWith($"{Now + 1} ", await File.ReadAllTextAsync(far.File("seen"), Stop), StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains($"({EpochError.Forked})", (await Assert.ThrowsAsync<VeilException>(() => ViewAsync(far))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public static async Task Of_a_large_fleet_two_hosts_are_drawn_and_only_their_records_fetched()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.Hosts = [.. Enumerable.Range(1, 65).Select(number => EpochServer.Host((byte)number))];
        epochs.UpTo();

        EpochStanding standing = (await ViewAsync(far)).Standing!;

        Assert.Equal((65L, 2), (standing.FleetTotal, standing.HostsVerified));
        Assert.Single(epochs.Asked, path => path.Contains("/hosts/", StringComparison.Ordinal));
        Assert.DoesNotContain(epochs.Asked, path => path.EndsWith("/hosts", StringComparison.Ordinal));

        // Another host than the one at the drawn index.
        epochs.Change = (path, bytes) => path.Contains("/hosts/", StringComparison.Ordinal) ? new DocumentSet([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(new ProvenHost([], [], EpochServer.Host(70).Encode()).Encode(), 2)]).Encode() : bytes;
        Assert.Contains($"({EpochError.WrongFleet})", (await Assert.ThrowsAsync<VeilException>(() => ViewAsync(far))).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, bool, bool> Checkpoints
    {
        get
        {
            var data = new TheoryData<string, bool, bool>();
            foreach (bool isLarge in new[] { false, true })
            {
                foreach ((string named, bool accepted) in new[]
                    { ("the newest", true), ("an older one", true), ("that of an empty log", true), ("none", false), ("one of another log", false), ("one to come", false), ("one of long before its end", false), ("an older one without proof", false) })
                    data.Add(named, isLarge, accepted);
            }

            return data;
        }
    }

    /// <summary>A guest whose clock was turned makes claims for a time to come; the log's checkpoint in them says how old they are.</summary>
    [Theory]
    [MemberData(nameof(Checkpoints))]
    public static async Task A_host_counts_when_its_claims_name_a_checkpoint_of_this_log_that_is_young_enough(string named, bool isLarge, bool accepted)
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.UpTo(Now - 1);
        (ulong size, byte[] root) = named switch
        {
            "the newest" => ((ulong)Now, epochs.Authority.Root(Now)),
            "an older one" or "an older one without proof" => (Now - 7UL, epochs.Authority.Root(Now - 7)),
            "none" => (0UL, HostClaims.NoCheckpoint.ToArray()),
            "one of another log" => (Now - 7UL, epochs.Authority.Root(Now - 8)),
            "one to come" => (Now + 2UL, epochs.Authority.Root(Now)),
            _ => (0UL, MerkleTree.EmptyRoot.ToArray()),
        };
        TimeSpan end = named is "one of long before its end" ? TimeSpan.FromHours(20) : TimeSpan.FromHours(3);
        epochs.Hosts = [.. Enumerable.Range(1, isLarge ? 65 : 2).Select(number => EpochServer.Host((byte)number, claims => Naming(claims, size, root, end)))];
        epochs.UpTo();
        if (named is "an older one without proof")
            epochs.Change = (path, bytes) => path.Contains("/hosts", StringComparison.Ordinal) ? WithoutProofs(bytes, isLarge) : bytes;

        if (accepted)
        {
            Assert.Equal(2, (await ViewAsync(far)).Standing!.HostsVerified);
            return;
        }

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => ViewAsync(far));
        Assert.Equal(VeilFailure.HostRefused, failure.Failure);
        Assert.Contains(CheckNames.ClaimsCheckpoint, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task A_view_is_used_for_as_long_as_its_head_stands_and_no_longer()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.UpTo();

        TrustedView view = await ViewAsync(far);

        DateTimeOffset end = epochs.Authority.Bundle.Epochs.StartOf(Now + 2);
        Assert.True(view.IsValidAt(end));
        Assert.False(view.IsValidAt(end.AddSeconds(1)));
    }

    [Fact]
    public static async Task A_host_whose_time_is_over_is_left_out_and_no_lie()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.Hosts = [EpochServer.Host(1), EpochServer.Host(2, claims => new()
        {
            Id = claims.Id,
            Epoch = claims.Epoch,
            NotBefore = claims.NotBefore.AddHours(-2),
            NotAfter = claims.NotBefore.AddMinutes(5),
            CheckpointRoot = claims.CheckpointRoot,
            Service = claims.Service,
            TlsSpkiSha256 = claims.TlsSpkiSha256,
            KeyConfig = claims.KeyConfig,
            AcceptsPlainRequests = true,
        })];
        epochs.UpTo();

        Assert.Equal(1, (await ViewAsync(far)).HostCount(FarSide.Service));
    }

    [Fact]
    public static async Task A_file_that_remembers_something_else_stops_the_client_and_is_not_overwritten()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        epochs.UpTo();
        await File.WriteAllTextAsync(far.File("seen"), "not what this client wrote", Stop);

        Assert.Equal((VeilFailure.SeenLogUnavailable, Hop.Client), await FailureAsync(() => ViewAsync(far)));
        Assert.Equal("not what this client wrote", await File.ReadAllTextAsync(far.File("seen"), Stop));
    }

    [Fact]
    public static async Task A_bundle_of_another_authority_is_refused_before_a_start()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        VeilOptions options = far.Options();
        await File.WriteAllBytesAsync(options.TrustBundleFile!, (epochs.Authority.Bundle with { Authority = "other.example" }).Write(), Stop);

        Assert.Equal("TrustBundleFile: found the bundle of other.example; allowed is that of Authority, gateway.example.", Assert.Single(VeilOptionsValidator.Problems(options)));
    }

    private static HostClaims Naming(HostClaims claims, ulong size, byte[] root, TimeSpan end) => new()
    {
        Id = claims.Id,
        Epoch = claims.Epoch,
        NotBefore = claims.NotBefore,
        NotAfter = DateTimeOffset.UtcNow + end,
        CheckpointSize = size,
        CheckpointRoot = root,
        Service = claims.Service,
        TlsSpkiSha256 = claims.TlsSpkiSha256,
        KeyConfig = claims.KeyConfig,
        AcceptsPlainRequests = claims.AcceptsPlainRequests,
    };

    /// <summary>The same hosts, each consistency proof without its last hash.</summary>
    private static byte[] WithoutProofs(byte[] hosts, bool areDrawn)
    {
        Assert.True(DocumentSet.TryParse(hosts, out DocumentSet? set));
        return new DocumentSet([.. set.Documents.Select(Shortened)]).Encode();

        ReadOnlyMemory<byte> Shortened(ReadOnlyMemory<byte> document) =>
            areDrawn ? ProvenHost.TryParse(document, out ProvenHost? host) ? (host with { Consistency = [.. host.Consistency.SkipLast(1)] }).Encode() : throw new InvalidOperationException()
            : ConsistencyProof.TryParse(document, out IReadOnlyList<ReadOnlyMemory<byte>>? proof) ? ConsistencyProof.Encode([.. proof.SkipLast(1)]) : document;
    }

    private static EpochServer Serve(FarSide far)
    {
        far.Epochs = new EpochServer(far);
        return far.Epochs;
    }

    private static async Task<TrustedView> ViewAsync(FarSide far)
    {
        using var handler = new VeilHandler(far.Options());
        return await handler.GetViewAsync(Stop);
    }

    private static async Task<IReadOnlyList<string>> ReleasesAsync(FarSide far)
    {
        File.Delete(far.File("seen"));
        return (await ViewAsync(far)).Standing!.Releases;
    }

    private static async Task<(VeilFailure Failure, Hop Hop)> FailureAsync(Func<Task> act)
    {
        VeilException failure = await Assert.ThrowsAsync<VeilException>(act);
        return (failure.Failure, failure.Hop);
    }
}
