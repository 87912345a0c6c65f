using Veil.Gateway.Epochs;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Tests.Epochs;

/// <summary>However wrong a gateway's clock is, at most one head stands before its time.</summary>
public sealed class WitnessClockTests : IDisposable
{
    private static readonly DateTimeOffset Genesis = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly NoteSigner _log = NoteSigner.Generate("log.example", NoteKeyType.Ed25519);
    private readonly NoteSigner _witness = NoteSigner.Generate("witness.example", NoteKeyType.Cosignature);

    /// <summary>Steady, whatever the time of day is set to.</summary>
    private readonly ManualClock _steady = new(DateTimeOffset.UnixEpoch);
    private readonly WitnessClock _clock;

    public WitnessClockTests() => _clock = new WitnessClock(new EpochTimes(Genesis, TimeSpan.FromHours(1)), _steady);

    [Fact]
    public void After_a_head_of_its_own_the_next_waits_for_its_epoch()
    {
        Assert.True(_clock.AllowsNext);
        _clock.Cosigned(At(size: 11, minutes: 601), _steady.GetTimestamp());
        Assert.False(_clock.AllowsNext);
        _steady.Advance(TimeSpan.FromMinutes(58));
        Assert.False(_clock.AllowsNext);
        _steady.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_clock.AllowsNext);
    }

    /// <summary>Witnesses spoke in the second that they told, and the question was asked some moments before: a publisher that is on time is not held up.</summary>
    [Fact]
    public void The_second_that_witnesses_leave_out_holds_nobody_up()
    {
        _steady.Advance(TimeSpan.FromMilliseconds(500));
        _clock.Cosigned(At(size: 11, minutes: 600), _steady.GetTimestamp());
        _steady.Advance(TimeSpan.FromMilliseconds((60 * 60 * 1000) - 100));
        Assert.True(_clock.AllowsNext);
    }

    [Fact]
    public void A_pause_is_filled_without_a_wait_up_to_the_epoch_of_the_witnesses()
    {
        foreach (int size in new[] { 7, 8, 9, 10 })
        {
            _clock.Cosigned(At(size, minutes: 601), _steady.GetTimestamp());
            Assert.True(_clock.AllowsNext);
        }

        // The head of epoch 10, in epoch 10.
        _clock.Cosigned(At(11, minutes: 601), _steady.GetTimestamp());
        Assert.False(_clock.AllowsNext);
    }

    [Fact]
    public void After_a_head_before_its_time_nothing_follows_until_its_epoch_is_over()
    {
        // The clock was ahead by years: the head of epoch 10 is dated in epoch 9.
        long asked = _steady.GetTimestamp();
        _clock.Cosigned(At(size: 11, minutes: 590), asked);
        _steady.Advance(TimeSpan.FromMinutes(69));
        Assert.False(_clock.AllowsNext);
        _steady.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_clock.AllowsNext);
    }

    [Theory]
    [InlineData(601, true)]
    [InlineData(590, false)]
    public void A_checkpoint_of_others_tells_only_that_its_own_head_is_early(int minutes, bool allowed)
    {
        _clock.Saw(At(size: 11, minutes));
        Assert.Equal(allowed, _clock.AllowsNext);

        // Seen again it is not younger.
        _steady.Advance(TimeSpan.FromMinutes(70));
        _clock.Saw(At(size: 11, minutes));
        Assert.True(_clock.AllowsNext);
    }

    [Fact]
    public void The_same_checkpoint_read_from_the_log_forgets_nothing()
    {
        _clock.Cosigned(At(size: 11, minutes: 601), _steady.GetTimestamp());
        _clock.Saw(At(size: 11, minutes: 601));
        Assert.False(_clock.AllowsNext);
        _clock.Saw(At(size: 12, minutes: 661));
        Assert.True(_clock.AllowsNext);
    }

    public void Dispose()
    {
        _log.Dispose();
        _witness.Dispose();
    }

    private WitnessedCheckpoint At(long size, int minutes)
    {
        byte[] text = new Checkpoint("log.example", size, new byte[MerkleTree.HashSize]).Write();
        byte[] note = [.. _log.Sign(text), .. _witness.CosignatureLine(text, Genesis.AddMinutes(minutes))];
        var policy = new WitnessPolicy("log.example", _log.VerifierKey, [_witness.VerifierKey], threshold: 1);
        return policy.TryVerify(note, out WitnessedCheckpoint? checkpoint) ? checkpoint : throw new InvalidOperationException();
    }
}
