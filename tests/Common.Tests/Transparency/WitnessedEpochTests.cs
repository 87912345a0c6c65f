using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Common.Tests.Transparency;

/// <summary>
/// An operator who logs everything properly still cannot show one client something else: being logged is not enough, being the only one at the index that
/// the time allows is.
/// </summary>
public sealed class WitnessedEpochTests : IDisposable
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private static readonly DateTimeOffset Genesis = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>In epoch 30.</summary>
    private static readonly DateTimeOffset Now = Genesis.AddHours(30).AddMinutes(10);

    private readonly TestAuthority _authority = new(Genesis);

    [Fact]
    public void The_head_of_this_epoch_and_the_one_before_are_accepted_with_their_elders()
    {
        foreach (long index in new[] { 30L, 29L })
        {
            WitnessedEpoch epoch = Accepted(_authority.UpTo(30).Package(Now, size: index + 1));
            Assert.Equal((index, index - 1, index - 24), (epoch.Head.Epoch, epoch.Previous.Epoch, epoch.Mature.Epoch));
            Assert.Equal(Now, epoch.WitnessedAt);
        }
    }

    [Fact]
    public void A_checkpoint_is_dated_by_its_last_head_and_must_be_of_this_log()
    {
        WitnessedEpoch epoch = Accepted(_authority.UpTo(30).Package(Now));
        foreach (int size in new[] { 1, 7, 30 })
        {
            byte[] root = _authority.Root(size);
            IReadOnlyList<ReadOnlyMemory<byte>> proof = _authority.ProveConsistency(size);
            Assert.Equal(Genesis.AddHours(size + 1), epoch.NewestUntil((ulong)size, root, proof));
            Assert.Null(epoch.NewestUntil((ulong)size, _authority.Root(size - 1), proof));
            Assert.Null(epoch.NewestUntil((ulong)size, root, [.. proof.SkipLast(1)]));
        }

        Assert.Equal(Genesis.AddHours(32), epoch.NewestUntil(31, _authority.Root(31), []));
        Assert.Null(epoch.NewestUntil(31, _authority.Root(30), []));
        Assert.Equal(Genesis.AddHours(2), epoch.NewestUntil(0, MerkleTree.EmptyRoot.Span, []));
        Assert.Null(epoch.NewestUntil(0, new byte[32], []));
        Assert.All([32UL, (ulong)long.MaxValue, ulong.MaxValue], size => Assert.Null(epoch.NewestUntil(size, _authority.Root(31), [])));
    }

    [Fact]
    public void The_genesis_is_its_own_elder()
    {
        using var young = new TestAuthority(Now);
        WitnessedEpoch epoch = Accepted(young.UpTo(0).Package(Now), young.Bundle);
        Assert.Equal((0L, 0L, 0L), (epoch.Head.Epoch, epoch.Previous.Epoch, epoch.Mature.Epoch));
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("issuer")]
    [InlineData("challenge")]
    [InlineData("policy")]
    [InlineData("releases")]
    [InlineData("fleet")]
    public void A_second_head_of_this_epoch_for_one_client_is_refused_though_it_is_logged_and_cosigned(string other)
    {
        _authority.UpTo(30).Append(Variant(other, epoch: 30));
        Assert.Equal(EpochError.EpochMismatch, Refused(_authority.Package(Now)));
    }

    [Fact]
    public void A_second_head_that_calls_itself_the_next_epoch_is_before_its_time()
    {
        _authority.UpTo(30).Append(Variant("keys", epoch: 31));
        Assert.Equal(EpochError.BeforeItsTime, Refused(_authority.Package(Now)));
    }

    [Fact]
    public void The_first_of_two_heads_is_refused_once_the_second_is_logged()
    {
        EpochHead second = Variant("keys", epoch: 31);
        _authority.UpTo(30).Append(second);
        byte[] checkpoint = _authority.Checkpoint(Now);
        var package = new EpochPackage([_authority.Prove(30, checkpoint), _authority.Prove(29, checkpoint), _authority.Prove(6, checkpoint)], default);
        Assert.Equal(EpochError.NotTheLast, Refused(package));
    }

    [Fact]
    public void An_old_head_with_its_old_cosignatures_is_a_replay() =>
        Assert.Equal(EpochError.ClockUnsure, Refused(_authority.UpTo(20).Package(Genesis.AddHours(20).AddMinutes(1))));

    [Fact]
    public void A_stalled_log_that_is_cosigned_anew_is_refused() => Assert.Equal(EpochError.Stalled, Refused(_authority.UpTo(28).Package(Now)));

    [Fact]
    public void A_clock_that_is_far_from_the_witnesses_refuses()
    {
        EpochPackage package = _authority.UpTo(30).Package(Now);
        Assert.False(WitnessedEpoch.TryVerify(package, _authority.Bundle, Now.AddHours(-1), Tolerance, out _, out EpochError early));
        Assert.False(WitnessedEpoch.TryVerify(package, _authority.Bundle, Now.AddHours(3), Tolerance, out _, out EpochError late));
        Assert.Equal((EpochError.ClockUnsure, EpochError.ClockUnsure), (early, late));
    }

    [Fact]
    public void A_missing_epoch_makes_every_later_head_stand_in_the_wrong_place()
    {
        _authority.UpTo(28).Append(TestAuthority.Head(30));
        Assert.Equal(EpochError.EpochMismatch, Refused(_authority.Package(Now)));
    }

    [Fact]
    public void An_entry_that_the_authority_did_not_sign_is_refused()
    {
        using NoteSigner impostor = NoteSigner.Generate(TestAuthority.Name, NoteKeyType.Ed25519);
        _authority.UpTo(29).Append(impostor.Sign([.. TestAuthority.Head(30).Write(), (byte)'\n']));
        Assert.Equal(EpochError.NotTheAuthority, Refused(_authority.Package(Now)));
    }

    [Fact]
    public void Too_few_witnesses_an_unknown_one_another_log_key_and_another_origin_are_refused()
    {
        _authority.UpTo(30);
        using NoteSigner stranger = NoteSigner.Generate(_authority.Bundle.Origin, NoteKeyType.Ed25519);
        foreach (byte[] checkpoint in new[]
        {
            _authority.Checkpoint(Now, witnesses: 1),
            _authority.Checkpoint(Now, logKey: stranger),
            _authority.Checkpoint(Now, origin: "other.example/veil"),
        })
        {
            Assert.Equal(EpochError.NotWitnessed, Refused(Package(checkpoint)));
        }

        using var other = new TestAuthority(Genesis);
        Assert.Equal(EpochError.NotWitnessed, Refused(other.UpTo(30).Package(Now)));
    }

    [Fact]
    public void Heads_under_two_checkpoints_are_refused()
    {
        _authority.UpTo(30);
        var package = new EpochPackage([_authority.Prove(30, _authority.Checkpoint(Now)), _authority.Prove(29, _authority.Checkpoint(Now, size: 30), size: 30)], default);
        Assert.Equal(EpochError.TwoCheckpoints, Refused(package));
    }

    [Fact]
    public void A_head_that_is_not_in_the_log_is_refused()
    {
        _authority.UpTo(30);
        byte[] checkpoint = _authority.Checkpoint(Now);
        ProvenEntry proven = _authority.Prove(30, checkpoint);
        byte[] other = _authority.AuthorityKey.Sign([.. Variant("keys", 30).Write(), (byte)'\n']);
        Assert.Equal(EpochError.NotInLog, Refused(new EpochPackage([proven with { Entry = other }, _authority.Prove(29, checkpoint), _authority.Prove(6, checkpoint)], default)));
    }

    [Theory]
    [InlineData(29)]
    [InlineData(6)]
    public void A_package_without_an_elder_is_refused(long missing)
    {
        _authority.UpTo(30);
        byte[] checkpoint = _authority.Checkpoint(Now);
        long[] heads = [.. new[] { 30L, 29, 6 }.Where(index => index != missing)];
        Assert.Equal(EpochError.HeadMissing, Refused(new EpochPackage([.. heads.Select(index => _authority.Prove(index, checkpoint))], default)));
    }

    /// <summary>An operator publishes nothing for a day, and then logs all the heads of that day at once, each at its index.</summary>
    [Theory]
    [InlineData("other", EpochError.NotPublicInTime)]
    [InlineData("", EpochError.None)]
    public void Heads_that_were_held_back_and_logged_at_once_are_as_old_as_what_they_repeat(string heldBack, EpochError expected)
    {
        _authority.PublishedAt = index => index < 4 ? Genesis.AddHours(index).AddMinutes(1) : Now;
        _authority.UpTo(30, index => TestAuthority.Head(index, index < 4 ? "" : heldBack));
        long[] shown = [30, 29, 6, 3];
        byte[] checkpoint = _authority.Checkpoint(Now);
        var package = new EpochPackage([.. shown.Select(index => _authority.Prove(index, checkpoint))], default);
        Assert.Equal(expected is EpochError.None, WitnessedEpoch.TryVerify(package, _authority.Bundle, Now, Tolerance, out _, out EpochError error));
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData(29)]
    [InlineData(6)]
    public void An_elder_without_a_proof_of_its_time_or_with_that_of_another_entry_is_refused(long elder)
    {
        _authority.UpTo(30, index => TestAuthority.Head(index, index > 6 ? "" : "old"));
        byte[] checkpoint = _authority.Checkpoint(Now);
        EpochPackage With(Func<ProvenEntry, ProvenEntry> change) =>
            new([.. new[] { 30L, 29, 6 }.Select(index => _authority.Prove(index, checkpoint)).Select((proven, i) => i > 0 && new[] { 30L, 29, 6 }[i] == elder ? change(proven) : proven)], default);

        Assert.Equal(EpochError.NotPublicInTime, Refused(With(proven => proven with { InTime = default })));
        Assert.Equal(EpochError.NotPublicInTime, Refused(With(proven => proven with { InTime = proven.Proof })));
        Assert.Equal(EpochError.NotInLog, Refused(With(proven => proven with { InTime = _authority.Prove(10, checkpoint).InTime })));
        Assert.Equal(EpochError.Malformed, Refused(With(proven => proven with { InTime = "c2sp.org/tlog-proof@v1\n"u8.ToArray() })));
        using var other = new TestAuthority(Genesis);
        Assert.Equal(EpochError.NotPublicInTime, Refused(With(proven => proven with { InTime = other.UpTo(30).Prove(elder, checkpoint).InTime })));
    }

    [Fact]
    public void One_dishonest_witness_dates_nothing_back()
    {
        byte[] note = _authority.CheckpointOf(new Checkpoint(_authority.Bundle.Origin, 1, new byte[MerkleTree.HashSize]).Write(), Now, Now.AddDays(-2));
        Assert.True(_authority.Bundle.Witnessing.TryVerify(note, out WitnessedCheckpoint? checkpoint));
        Assert.Equal((Now.AddDays(-2), Now), (checkpoint.WitnessedAt, checkpoint.PublicBy));
    }

    /// <summary>Fresh cosignatures over an old head by witnesses whose clocks stand still do not make it the present one.</summary>
    [Fact]
    public void The_machines_own_clock_limits_how_old_a_head_may_be() =>
        Assert.Equal(EpochError.Stalled, Refused(_authority.UpTo(28).Package(Now.AddHours(-1))));

    [Fact]
    public void What_was_seen_before_must_be_continued()
    {
        _authority.UpTo(30);
        WitnessedEpoch epoch = Accepted(_authority.Package(Now));
        using TestAuthority fork = new(Genesis);
        fork.UpTo(30, number => TestAuthority.Head(number, "other"));

        Assert.Equal(EpochError.None, epoch.Continues(20, _authority.Root(20), _authority.ProveConsistency(20)));
        Assert.Equal(EpochError.None, epoch.Continues(31, _authority.Root(31), []));
        Assert.Equal(EpochError.RolledBack, epoch.Continues(32, _authority.Root(31), []));
        Assert.Equal(EpochError.Forked, epoch.Continues(31, fork.Root(31), []));
        Assert.Equal(EpochError.Forked, epoch.Continues(20, fork.Root(20), fork.ProveConsistency(20)));
        Assert.Equal(EpochError.Forked, epoch.Continues(20, _authority.Root(20), []));
    }

    [Fact]
    public void Views_of_two_relays_agree_when_they_are_one_history()
    {
        _authority.UpTo(30);
        WitnessedEpoch now = Accepted(_authority.Package(Now));
        WitnessedEpoch before = Accepted(_authority.Package(Now, size: 30));
        WitnessedEpoch other = Accepted(_authority.Truncated(29).UpTo(30, number => TestAuthority.Head(number, "other")).Package(Now));

        Assert.True(now.AgreesWith(now));
        Assert.True(now.AgreesWith(before));
        Assert.True(before.AgreesWith(now));
        Assert.False(now.AgreesWith(other));
        Assert.False(before.AgreesWith(other));
    }

    [Fact]
    public void One_flipped_bit_anywhere_never_gives_another_head()
    {
        byte[] encoded = _authority.UpTo(30).Package(Now, "keys"u8.ToArray()).Encode();
        EpochHead expected = TestAuthority.Head(30);
        var random = new Random(7);
        for (int i = 0; i < 2000; i++)
        {
            byte[] flipped = [.. encoded];
            int bit = random.Next(flipped.Length * 8);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            if (EpochPackage.TryParse(flipped, out EpochPackage? package)
                && WitnessedEpoch.TryVerify(package, _authority.Bundle, Now, Tolerance, out WitnessedEpoch? epoch, out _))
            {
                // A bit of the keys document, or of a proof's own line that nobody reads: the heads are the same.
                Assert.Equal(expected.Write(), epoch.Head.Write());
            }
        }
    }

    public void Dispose() => _authority.Dispose();

    private static EpochHead Variant(string other, long epoch)
    {
        EpochHead head = TestAuthority.Head(epoch);
        byte[] hash = System.Security.Cryptography.SHA256.HashData("other"u8);
        return other switch
        {
            "keys" => head with { Keys = hash },
            "issuer" => head with { Issuer = hash },
            "challenge" => head with { Challenge = hash },
            "policy" => head with { Policy = hash },
            "releases" => head with { Releases = hash },
            _ => head with { FleetTotal = 1, FleetRoot = hash },
        };
    }

    private static WitnessedEpoch Accepted(EpochPackage package, TrustBundle bundle)
    {
        Assert.True(WitnessedEpoch.TryVerify(package, bundle, Now, Tolerance, out WitnessedEpoch? epoch, out EpochError error), error.ToString());
        return epoch;
    }

    private WitnessedEpoch Accepted(EpochPackage package) => Accepted(package, _authority.Bundle);

    private EpochError Refused(EpochPackage package)
    {
        Assert.False(WitnessedEpoch.TryVerify(package, _authority.Bundle, Now, Tolerance, out _, out EpochError error));
        return error;
    }

    private EpochPackage Package(byte[] checkpoint) => new([.. new long[] { 30, 29, 6 }.Select(index => _authority.Prove(index, checkpoint))], default);
}
