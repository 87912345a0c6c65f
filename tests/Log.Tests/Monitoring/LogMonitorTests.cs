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
        _mirror.Now = _clock.Now = _clock.Now.AddHours(1);
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

    /// <summary>Clients hold such heads for late as well; here it is seen whoever asks for them.</summary>
    [Theory]
    [InlineData("", 0)]
    [InlineData("new", 1)]
    public async Task A_head_that_was_added_after_its_epoch_is_reported_where_it_names_something_new(string variant, int late)
    {
        await LookAsync();
        _clock.Now = _clock.Now.AddHours(2);
        Assert.Equal([FindingKind.Stalled], await LookAsync());
        _authority.UpTo(32, number => TestAuthority.Head(number, variant));
        _mirror.Now = _clock.Now;
        Assert.Equal(Enumerable.Repeat(FindingKind.LateHead, late), await LookAsync());
    }

    /// <summary>By the witnesses' time: whoever monitors may have a clock that is ahead, as the authority may.</summary>
    [Fact]
    public async Task Heads_before_their_epoch_are_reported_once_each()
    {
        await LookAsync();
        _authority.UpTo(31);
        Assert.Equal([FindingKind.EarlyHead], await LookAsync());
        Assert.Empty(await LookAsync());
        _authority.UpTo(33);
        _clock.Now = _clock.Now.AddHours(3);
        Assert.Equal([FindingKind.EarlyHead, FindingKind.EarlyHead], await LookAsync());
        _mirror.Now = _clock.Now.AddHours(1);
        _authority.UpTo(34);
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
    public async Task What_a_monitor_of_before_saw_is_held_against_the_log_and_not_reported_again()
    {
        _authority.Append(TestAuthority.Head(7, "in the wrong place"));
        Assert.Equal([FindingKind.EpochMismatch], await LookAsync());
        SeenHistory seen = _monitor.Seen!;
        Assert.Equal(32, seen.Size);

        // 1. Honest meanwhile: what is new is judged, what was judged is not told again.
        _authority.Append(TestAuthority.Head(9, "in the wrong place as well"));
        Finding found = Assert.Single(await Monitor(_mirror, seen: seen).LookAsync(TestContext.Current.CancellationToken));
        Assert.Equal((FindingKind.EpochMismatch, 32L), (found.Kind, found.Index));

        // 2. Rolled back meanwhile, to a history that a new monitor would find nothing wrong with.
        _mirror.Authority = _authority.Truncated(30);
        Assert.Equal([FindingKind.RolledBack], (await Monitor(_mirror, seen: seen).LookAsync(TestContext.Current.CancellationToken)).Select(finding => finding.Kind));

        // 3. Rewritten meanwhile.
        _mirror.Authority = _authority.Truncated(30).UpTo(32, number => TestAuthority.Head(number, "of another history"));
        Assert.Equal([FindingKind.Forked], (await Monitor(_mirror, seen: seen).LookAsync(TestContext.Current.CancellationToken)).Select(finding => finding.Kind));
        Assert.DoesNotContain(await Monitor(_mirror).LookAsync(TestContext.Current.CancellationToken), finding => finding.Kind is FindingKind.Forked);
    }

    [Fact]
    public async Task More_keys_than_a_rotation_needs_and_documents_that_are_missing_are_reported_once()
    {
        string folder = Directory.CreateTempSubdirectory("veil-log-documents-").FullName;
        try
        {
            static byte[] Ohttp(int keys) => [.. Enumerable.Repeat(new byte[] { 0, 3, 1, 2, 3 }, keys).SelectMany(key => key)];
            static byte[] Directory(params int[] types) => Encoding.UTF8.GetBytes($$"""{"issuer-request-uri":"/r","token-keys":[{{string.Join(',', types.Select(type => $"{{\"token-type\":{type},\"token-key\":\"AA\"}}"))}}]}""");
            TestAuthority authority = _authority.Truncated(0);
            foreach ((byte[] keys, byte[]? issuer) in new[] { (Ohttp(3), Directory(2, 2, 2, 5)), (Ohttp(4), []), (Ohttp(4), Directory(2, 2, 2, 2, 5)), ([0, 9, 1], "no JSON"u8.ToArray()), (Ohttp(1), null) })
            {
                EpochHead head = TestAuthority.Head(authority.Size, keys: keys) with { Issuer = System.Security.Cryptography.SHA256.HashData(issuer ?? "nowhere"u8.ToArray()) };
                foreach (byte[] document in new[] { keys, issuer ?? [] })
                    await File.WriteAllBytesAsync(Path.Combine(folder, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(document))), document, TestContext.Current.CancellationToken);
                authority.Append(head);
            }

            // A file under a name that is not its hash is no document.
            await File.WriteAllTextAsync(Path.Combine(folder, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("nowhere"u8.ToArray()))), "somewhere", TestContext.Current.CancellationToken);
            _clock.Now = Genesis.AddHours(4.5);
            _mirror.Authority = authority;
            IReadOnlyList<Finding> findings = await Monitor(_mirror, [new KeyWatch(new HeadDocuments(folder))]).LookAsync(TestContext.Current.CancellationToken);
            Assert.Equal(
                [(FindingKind.TooManyKeys, 1L), (FindingKind.TooManyKeys, 2L), (FindingKind.TooManyKeys, 3L), (FindingKind.TooManyKeys, 3L), (FindingKind.MissingDocument, 4L)],
                findings.Select(finding => (finding.Kind, finding.Index)));
            Assert.StartsWith("4 OHTTP keys are live", findings[0].Detail, StringComparison.Ordinal);
            Assert.StartsWith("4 issuer keys of type 2 are live", findings[1].Detail, StringComparison.Ordinal);
        }
        finally
        {
            System.IO.Directory.Delete(folder, recursive: true);
        }
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
            var monitor = Monitor(_mirror, [new ReleaseWatch(_authority.Bundle, new HashSet<string> { known.Id }, new HeadDocuments(folder))]);
            IReadOnlyList<Finding> findings = await monitor.LookAsync(TestContext.Current.CancellationToken);
            Assert.Equal([(FindingKind.UnknownRelease, 2L), (FindingKind.UnknownRelease, 4L)], findings.Select(finding => (finding.Kind, finding.Index)));
            Assert.Contains("chat 6.6", findings[0].Detail, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private LogMonitor Monitor(MirrorInMemory mirror, IReadOnlyList<IHeadWatch>? watches = null, SeenHistory? seen = null) =>
        new(new LogReader(MirrorInMemory.Address, new HttpClient(mirror, disposeHandler: false)), _authority.Bundle, watches ?? [], seen, _clock);

    private async Task<FindingKind[]> LookAsync() => [.. (await _monitor.LookAsync(TestContext.Current.CancellationToken)).Select(finding => finding.Kind)];

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
