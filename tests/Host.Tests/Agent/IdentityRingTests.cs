using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Veil.Attestation;
using Veil.HostAgent;
using Veil.HostAgent.Identity;
using Veil.Transparency;

namespace Veil.Host.Tests.Agent;

/// <summary>Keys follow the epochs: made a notice ahead, active from the epoch's first instant, never past the end of their claims.</summary>
public sealed class IdentityRingTests(SoftwareMachine machine) : IClassFixture<SoftwareMachine>
{
    private static readonly HostOptions Options = new() { Service = SoftwareMachine.Service, EpochLength = TimeSpan.FromHours(1) };

    [Fact]
    public void The_next_epochs_identity_is_made_a_notice_ahead_and_takes_over_when_it_begins()
    {
        var clock = new ManualClock(SoftwareMachine.Now.AddMinutes(20));
        using IdentityRing ring = Ring(machine.Attester, clock);
        Assert.InRange(ring.Advance(), clock.Now, SoftwareMachine.Now.AddMinutes(55));
        HostIdentity first = ring.Active;

        clock.Now = SoftwareMachine.Now.AddMinutes(55);
        Assert.Equal(SoftwareMachine.Now.AddMinutes(60), ring.Advance());
        Assert.Same(first, ring.Active);

        clock.Now = SoftwareMachine.Now.AddMinutes(60);
        HostIdentity second = ring.Active;
        Assert.NotSame(first, second);
        Assert.NotEqual(Claims(first).TlsSpkiSha256.ToArray(), Claims(second).TlsSpkiSha256.ToArray());
        Assert.NotEqual(Claims(first).KeyConfig.ToArray(), Claims(second).KeyConfig.ToArray());
        Assert.NotEqual(Claims(first).Id.ToArray(), Claims(second).Id.ToArray());
        Assert.Equal(Claims(first).Epoch + 1, Claims(second).Epoch);
    }

    [Fact]
    public void Over_two_days_every_active_identity_passes_appraisal_at_every_minute()
    {
        var clock = new ManualClock(SoftwareMachine.Now);
        using IdentityRing ring = Ring(machine.Attester, clock);
        DateTimeOffset next = ring.Advance();
        HostIdentity? appraised = null;
        for (int minute = 0; minute < 48 * 60; minute += 5)
        {
            clock.Now = SoftwareMachine.Now.AddMinutes(minute);
            if (next <= clock.Now)
                next = ring.Advance();
            Assert.True(ring.IsReady);
            Assert.InRange(clock.Now, Claims(ring.Active).NotBefore, Claims(ring.Active).NotAfter);
            if (ring.Active == appraised)
                continue;
            appraised = ring.Active;
            Assert.True(RatlsAppraisal.TryAppraise(appraised.TlsContext.TargetCertificate, SoftwareMachine.Policy(), clock.Now, out _, out Verdict verdict), verdict.ToString());
        }
    }

    [Fact]
    public void A_TEE_that_does_not_answer_leaves_the_ring_as_it_is()
    {
        var clock = new ManualClock(SoftwareMachine.Now);
        var attester = new FailingAttester(machine.Attester);
        using IdentityRing ring = Ring(attester, clock);
        ring.Advance();
        HostIdentity active = ring.Active;
        attester.Fails = true;
        clock.Now = SoftwareMachine.Now.AddMinutes(56);
        Assert.Throws<AttesterException>(() => ring.Advance());
        Assert.Same(active, ring.Active);
        Assert.True(ring.IsReady);

        clock.Now = Claims(active).NotAfter;
        Assert.False(ring.IsReady);
    }

    [Fact]
    public void A_key_whose_grace_is_over_is_erased_though_the_TEE_does_not_answer()
    {
        var clock = new ManualClock(SoftwareMachine.Now);
        var attester = new FailingAttester(machine.Attester);
        using IdentityRing ring = Ring(attester, clock);
        ring.Advance();
        HostIdentity first = ring.Active;
        clock.Now = SoftwareMachine.Now.AddMinutes(56);
        ring.Advance();
        clock.Now = SoftwareMachine.Now.AddMinutes(60);
        Assert.NotSame(first, ring.Active);

        attester.Fails = true;
        clock.Now = SoftwareMachine.Now.AddMinutes(116);
        Assert.Throws<AttesterException>(() => ring.Advance());
        Assert.ThrowsAny<CryptographicException>(first.TlsContext.TargetCertificate.GetECDsaPublicKey);
        Assert.True(ring.IsReady);
    }

    [Fact]
    public void An_empty_ring_is_not_ready()
    {
        using IdentityRing ring = Ring(machine.Attester, new ManualClock(SoftwareMachine.Now));
        Assert.False(ring.IsReady);
        Assert.Throws<InvalidOperationException>(() => ring.Active);
    }

    [Fact]
    public void Each_identity_names_the_logs_newest_checkpoint_and_none_is_made_without_it()
    {
        var clock = new ManualClock(SoftwareMachine.Now);
        LogSight? newest = Sight(7, clock.Now.AddHours(2));
        using IdentityRing ring = Ring(machine.Attester, clock, () => newest ?? throw new AttesterException("no log"));
        ring.Advance();
        Assert.Equal(7UL, Claims(ring.Active).CheckpointSize);
        Assert.Equal(newest.Checkpoint.Root.ToArray(), Claims(ring.Active).CheckpointRoot.ToArray());
        Assert.False(ring.StoodStill);

        newest = null;
        clock.Now = SoftwareMachine.Now.AddMinutes(56);
        Assert.Throws<AttesterException>(() => ring.Advance());
        newest = Sight(8, clock.Now.AddHours(2));
        ring.Advance();
        clock.Now = SoftwareMachine.Now.AddMinutes(60);
        Assert.Equal(8UL, Claims(ring.Active).CheckpointSize);
    }

    [Fact]
    public void Claims_that_were_made_while_the_log_stood_still_are_made_anew_when_it_goes_on()
    {
        var clock = new ManualClock(SoftwareMachine.Now.AddMinutes(10));
        LogSight newest = Sight(7, clock.Now.AddSeconds(-1));
        using IdentityRing ring = Ring(machine.Attester, clock, () => newest);
        Assert.Equal(clock.Now.AddSeconds(5), ring.Advance());
        HostIdentity old = ring.Active;
        Assert.True(ring.StoodStill);

        // Still, or filling the pause: nothing is gained by another report.
        foreach (LogSight seen in new[] { newest, Sight(8, clock.Now) })
        {
            newest = seen;
            clock.Now += TimeSpan.FromSeconds(5);
            Assert.Equal(clock.Now.AddSeconds(5), ring.Advance());
            Assert.Same(old, ring.Active);
        }

        newest = Sight(20, clock.Now.AddHours(1));
        Assert.InRange(ring.Advance(), clock.Now.AddSeconds(6), SoftwareMachine.Now.AddMinutes(55));
        Assert.False(ring.StoodStill);
        Assert.Equal(20UL, Claims(ring.Active).CheckpointSize);
        Assert.NotEqual(Claims(old).KeyConfig.ToArray(), Claims(ring.Active).KeyConfig.ToArray());
        Assert.True(RatlsAppraisal.TryAppraise(ring.Active.TlsContext.TargetCertificate, SoftwareMachine.Policy(), clock.Now, out _, out Verdict verdict), verdict.ToString());
        Assert.NotNull(old.TlsContext.TargetCertificate.GetECDsaPublicKey());

        // Open connections keep it for the grace, and nothing longer.
        clock.Now += Options.EpochGrace;
        ring.Advance();
        Assert.ThrowsAny<CryptographicException>(old.TlsContext.TargetCertificate.GetECDsaPublicKey);
    }

    [Theory]
    [InlineData(17, 10, "17 endorsements")]
    [InlineData(2, 40_000, "verifiers read at most 65536")]
    public void Endorsements_that_do_not_fit_into_a_record_are_refused_by_name(int count, int size, string reason)
    {
        var endorsement = new Endorsement(Endorsement.RevocationListMediaType, new byte[size]);
        using IdentityRing ring = Ring(new EndorsingAttester(machine.Attester, [.. Enumerable.Repeat(endorsement, count)]), new ManualClock(SoftwareMachine.Now));
        Assert.Contains(reason, Assert.Throws<AttesterException>(() => ring.Advance()).Message, StringComparison.Ordinal);
    }

    private static IdentityRing Ring(IAttester attester, TimeProvider clock, Func<LogSight?>? log = null) => new(() => attester, log ?? (() => null), Microsoft.Extensions.Options.Options.Create(Options), clock);

    private static LogSight Sight(long size, DateTimeOffset newestUntil) => new(new Checkpoint("gateway.example/veil", size, SoftwareMachine.Bytes(32, (byte)size)), newestUntil);

    private static HostClaims Claims(HostIdentity identity) => HostClaims.TryParse(identity.Record.EncodedClaims.Span, out HostClaims? claims, out _) ? claims : throw new InvalidOperationException();

    private sealed class EndorsingAttester(IAttester inner, IReadOnlyList<Endorsement> endorsements) : IAttester
    {
        public AttestedValue Attest(ReadOnlySpan<byte> boundValue) => new(inner.Attest(boundValue).Evidence, endorsements);
    }

    private sealed class FailingAttester(IAttester inner) : IAttester
    {
        public bool Fails { get; set; }

        public AttestedValue Attest(ReadOnlySpan<byte> boundValue) => Fails ? throw new AttesterException("no answer") : inner.Attest(boundValue);
    }
}
