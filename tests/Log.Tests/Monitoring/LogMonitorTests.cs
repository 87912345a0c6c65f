using System.Text;
using Veil.Common.Tests.Transparency;
using Veil.Transparency.Epochs;
using Veil.TransparencyLog.Monitoring;

namespace Veil.Log.Tests.Monitoring;

/// <summary>What a monitor says of every way in which an authority can lie with a log that it keeps properly.</summary>
public sealed class LogMonitorTests : IDisposable
{
    private static readonly DateTimeOffset Genesis = new(2026, 2, 28, 6, 0, 0, TimeSpan.Zero);
    private readonly TestAuthority _authority = new TestAuthority(Genesis).UpTo(30);
    private readonly MirrorInMemory _mirror;
    private readonly SetClock _clock = new() { Now = Genesis.AddHours(30.5) };
    private readonly LogMonitor _monitor;

    public LogMonitorTests()
    {
        _mirror = new MirrorInMemory(_authority) { Now = _clock.Now };
        _monitor = Monitor(_mirror);
    }

    public void Dispose()
    {
        _mirror.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task An_honest_log_that_grows_gives_nothing_to_report()
    {
        Assert.Empty(await LookAsync());
        _authority.UpTo(31);
        _clock.Now = _clock.Now.AddHours(1);
        Assert.Empty(await LookAsync());
        Assert.Equal(32, _monitor.Tree.Size);
    }

    [Fact]
    public async Task A_log_that_stopped_is_reported_once()
    {
        _clock.Now = _clock.Now.AddHours(1);
        Assert.Empty(await LookAsync());
        _clock.Now = _clock.Now.AddHours(1);
        Assert.Equal([FindingKind.Stalled], await LookAsync());
        Assert.Empty(await LookAsync());
    }

    [Fact]
    public async Task A_shorter_log_than_before_is_reported()
    {
        await LookAsync();
        _mirror.Authority = _authority.Truncated(20);
        Assert.Equal([FindingKind.RolledBack], await LookAsync());
    }

    [Fact]
    public async Task A_history_that_does_not_continue_the_one_before_is_reported()
    {
        await LookAsync();
        _mirror.Authority = _authority.Truncated(20).UpTo(31, number => TestAuthority.Head(number, "of another history"));
        Assert.Equal([FindingKind.Forked], await LookAsync());
    }

    [Fact]
    public async Task Entries_that_are_not_the_checkpoints_are_reported()
    {
        _mirror.Checkpoint = _authority.Truncated(20).UpTo(30, number => TestAuthority.Head(number, "of another history")).Checkpoint(_clock.Now);
        Assert.Equal([FindingKind.Forked], await LookAsync());
    }

    [Fact]
    public async Task A_checkpoint_with_too_few_witnesses_is_reported()
    {
        _mirror.Checkpoint = _authority.Checkpoint(_clock.Now, witnesses: 1);
        Assert.Equal([FindingKind.NotWitnessed], await LookAsync());
    }

    [Fact]
    public async Task An_entry_that_the_authority_did_not_sign_and_one_that_is_no_head_are_reported()
    {
        _authority.Append(Encoding.ASCII.GetBytes("an entry of somebody else"));
        _authority.Append(_authority.AuthorityKey.Sign("no head\n"u8));
        Assert.Equal([FindingKind.NotTheAuthority, FindingKind.NotAHead], await LookAsync());
    }

    [Theory]
    [InlineData(30)]
    [InlineData(32)]
    public async Task A_doubled_and_a_missing_epoch_are_reported(long epoch)
    {
        _authority.Append(TestAuthority.Head(epoch, "again"));
        Assert.Equal([FindingKind.EpochMismatch], await LookAsync());
    }

    [Fact]
    public async Task A_mirror_without_an_answer_is_reported_and_tried_again()
    {
        _mirror.Authority = _authority.Truncated(0);
        _mirror.Checkpoint = _authority.Checkpoint(_clock.Now);
        Assert.Equal([FindingKind.Unreachable], await LookAsync());
        (_mirror.Authority, _mirror.Checkpoint) = (_authority, null);
        Assert.Empty(await LookAsync());
    }

    [Fact]
    public async Task Releases_that_are_not_known_or_not_signed_by_enough_are_reported_once()
    {
        string folder = Directory.CreateTempSubdirectory("veil-log-documents-").FullName;
        try
        {
            var known = new Release("chat 1.2", "chat.example", "sev-snp", new Dictionary<string, ReadOnlyMemory<byte>> { ["measurement"] = new byte[48] });
            var other = new Release("chat 6.6", "chat.example", "sev-snp", new Dictionary<string, ReadOnlyMemory<byte>> { ["measurement"] = new byte[48] });
            byte[] good = new DocumentSet([_authority.Sign(known)]).Encode();
            byte[] added = new DocumentSet([_authority.Sign(known), _authority.Sign(other)]).Encode();
            byte[] unsigned = new DocumentSet([_authority.Sign(other, signers: 1)]).Encode();
            TestAuthority authority = _authority.Truncated(0);
            foreach (byte[] document in new[] { good, good, added, added, unsigned })
            {
                byte[] hash = System.Security.Cryptography.SHA256.HashData(document);
                await File.WriteAllBytesAsync(Path.Combine(folder, Convert.ToHexStringLower(hash)), document, TestContext.Current.CancellationToken);
                authority.Append(TestAuthority.Head(authority.Size) with { Releases = hash });
            }

            _clock.Now = Genesis.AddHours(4.5);
            _mirror.Authority = authority;
            var monitor = Monitor(_mirror, new ReleaseWatch(_authority.Bundle, new HashSet<string> { known.Id }, folder));
            IReadOnlyList<Finding> findings = await monitor.LookAsync(TestContext.Current.CancellationToken);
            Assert.Equal([(FindingKind.UnknownRelease, 2L), (FindingKind.UnknownRelease, 4L)], findings.Select(finding => (finding.Kind, finding.Index)));
            Assert.Contains("chat 6.6", findings[0].Detail, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private LogMonitor Monitor(MirrorInMemory mirror, ReleaseWatch? releases = null) =>
        new(new LogReader(MirrorInMemory.Address, new HttpClient(mirror, disposeHandler: false)), _authority.Bundle, releases, _clock);

    private async Task<FindingKind[]> LookAsync() => [.. (await _monitor.LookAsync(TestContext.Current.CancellationToken)).Select(finding => finding.Kind)];

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
