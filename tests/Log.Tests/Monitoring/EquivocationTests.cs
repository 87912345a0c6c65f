using System.Text;
using Veil.Attestation;
using Veil.Common.Tests.Transparency;
using Veil.Transparency;
using Veil.Transparency.Epochs;
using Veil.TransparencyLog.Monitoring;

namespace Veil.Log.Tests.Monitoring;

/// <summary>
/// The lies that <c>EpochViewTests</c> tells to a client, told to whoever monitors: an authority that logs all of it properly, with witnesses that cosign it, is found out by name.
/// </summary>
public sealed class EquivocationTests : IDisposable
{
    private const long Now = 30;
    private static readonly DateTimeOffset Genesis = new(2026, 2, 28, 6, 0, 0, TimeSpan.Zero);
    private readonly SetClock _clock = new() { Now = Genesis.AddHours(Now + 0.5) };
    private readonly LoggedDocuments _documents = new();
    private readonly TestAuthority _authority = new(Genesis);
    private readonly Release _release = MakeRelease("chat 1.2");
    private readonly Release _td = MakeImage("chat 1.2", 2);
    private readonly Release _next = MakeRelease("chat 1.3");
    private readonly Release _nextTd = MakeImage("chat 1.3", 3);
    private readonly Release _renamed;
    private readonly Release _elsewhere = MakeRelease("chat 1.3", "other.example");
    private readonly MirrorInMemory _mirror;
    private readonly HttpClient _http;
    private readonly LogMonitor _monitor;

    public EquivocationTests()
    {
        _renamed = new("chat 1.2 again", _release.Service, _release.Kind, _release.Measurements);
        _mirror = new MirrorInMemory(_authority) { Now = _clock.Now };
        _http = new HttpClient(_mirror, disposeHandler: false);
        _documents.Releases = Signed(_release, _td, _elsewhere);
        var folder = new HeadDocuments(_documents.Folder);
        var known = new HashSet<string> { _release.Id, _td.Id, _next.Id, _nextTd.Id, _elsewhere.Id, _renamed.Id };
        IHeadWatch[] watches =
        [
            new ReleaseWatch(_authority.Bundle, known, folder), new KeyWatch(folder), new AnnouncementWatch(_authority.Bundle.Epochs, folder),
            new FleetWatch(_authority.Bundle, folder, _clock), new MaturityWatch(_authority.Bundle, folder),
        ];
        _monitor = new(new LogReader(MirrorInMemory.Address, _http), _authority.Bundle, watches, null, _clock);
    }

    /// <summary>Keys, releases and hosts come and go, a pause is filled: nobody is told anything.</summary>
    [Fact]
    public async Task An_honest_log_gives_nothing_to_report()
    {
        DateTimeOffset second = Genesis.AddHours(10);
        (_documents.Keys, _documents.Issuer) = (LoggedDocuments.OhttpKeys(1, 2), LoggedDocuments.IssuerKeys((1, null), (2, second)));
        _documents.Hosts = [HostOf(_release, 1), HostOf(_release, 2), LoggedDocuments.Host(3)];
        UpTo(4);
        _documents.Releases = Signed(_release, _next, _nextTd);
        UpTo(9);
        (_documents.Keys, _documents.Hosts) = (LoggedDocuments.OhttpKeys(2, 1), []);
        UpTo(10);
        (_documents.Issuer, _documents.Hosts) = (LoggedDocuments.IssuerKeys((2, second)), [LoggedDocuments.Host(4)]);
        UpTo(20);
        _documents.Hosts = [LoggedDocuments.Host(4), LoggedDocuments.Host(5), LoggedDocuments.Host(6), LoggedDocuments.Host(7)];
        UpTo(22);
        for (EpochHead last = _documents.MakeHead(23); _authority.Size < 27;)
            _authority.Append(last with { Epoch = _authority.Size });
        UpTo(28);
        _documents.Hosts = [HostOf(_release, 4), HostOf(_next, 5), HostOf(_nextTd, 6)];

        // A new name for what counts already.
        _documents.Releases = Signed(_release, _td, _next, _nextTd, _renamed);
        UpTo(Now);
        Assert.Empty(await LookAsync());
        LaterBy(1);
        _documents.Hosts = [HostOf(_next, 5)];
        _documents.Releases = Signed(_next, _td);
        UpTo(Now + 1);
        Assert.Empty(await LookAsync());
    }

    /// <summary>Ages are those that clients count: by the head of the releases' age, which is the log's first while there is none so old.</summary>
    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(0, 1, "")]
    [InlineData(1, 1, "ImmatureRelease")]
    [InlineData(1, 2, "ImmatureRelease")]
    [InlineData(1, 24, "ImmatureRelease")]
    [InlineData(1, 25, "")]
    [InlineData(6, Now, "")]
    [InlineData(7, Now, "ImmatureRelease")]
    [InlineData(Now, Now, "ImmatureRelease")]
    public async Task A_release_counts_in_the_epoch_in_which_it_counts_for_clients(long named, long used, string expected)
    {
        UpTo(named - 1);
        _documents.Releases = Signed(_release, _next);
        UpTo(used - 1);
        _documents.Hosts = [HostOf(_release, 1), HostOf(_next, 2)];
        UpTo(used);
        _documents.Hosts = [];
        UpTo(Now);
        IReadOnlyList<Finding> findings = await _monitor.LookAsync(TestContext.Current.CancellationToken);
        Assert.Equal(expected, string.Join(' ', findings.Select(finding => finding.Kind)));
        Assert.All(findings, finding => Assert.Equal((used, $"1 hosts of the fleet run what the head of epoch {Math.Max(0, used - 24)} does not name: chat 1.3 for chat.example"), (finding.Index, finding.Detail)));
    }

    /// <summary>A release that was out for an epoch does not count an age later, and its hosts leave the fleet; a head that fills a pause just then repeats a fleet that was judged.</summary>
    [Theory]
    [InlineData(false, "ImmatureRelease")]
    [InlineData(true, "")]
    public async Task A_head_that_fills_a_pause_is_not_judged_anew(bool isFilled, string expected)
    {
        _documents.Releases = Signed(_release, _next);
        UpTo(4);
        _documents.Releases = Signed(_release);
        UpTo(5);
        _documents.Releases = Signed(_release, _next);
        UpTo(27);
        _documents.Hosts = [HostOf(_release, 1), HostOf(_next, 2)];
        EpochHead last = _documents.MakeHead(28);
        _authority.Append(last);
        if (isFilled)
            _authority.Append(last with { Epoch = 29 });
        else
            _documents.Hosts = [HostOf(_next, 2), HostOf(_release, 3)];
        UpTo(Now);
        Assert.Equal(expected, string.Join(' ', await LookAsync()));
    }

    /// <summary>What the elder named is not known, and its own finding; the next head is judged again.</summary>
    [Fact]
    public async Task A_head_whose_elder_is_none_or_is_withheld_is_not_judged()
    {
        UpTo(4);
        _authority.Append(TestAuthority.Head(3, "in the wrong place"));
        UpTo(6);
        _documents.Releases = Signed(_next);
        UpTo(7);
        File.Delete(_documents.FileOf(_documents.Releases));
        _documents.Releases = Signed(_release, _next);
        UpTo(28);
        _documents.Hosts = [HostOf(_nextTd, 1)];
        _documents.Releases = Signed(_release, _next, _nextTd);
        UpTo(Now);
        _documents.Hosts = [HostOf(_nextTd, 2)];
        LaterBy(2);
        UpTo(Now + 2);
        IReadOnlyList<Finding> findings = await _monitor.LookAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            [(FindingKind.EpochMismatch, 5L), (FindingKind.MissingDocument, 7L), (FindingKind.ImmatureRelease, Now), (FindingKind.ImmatureRelease, Now + 2)],
            findings.Select(finding => (finding.Kind, finding.Index)));
    }

    [Theory]
    [InlineData("another OHTTP key", "EpochMismatch")]
    [InlineData("another issuer key", "EpochMismatch")]
    [InlineData("another challenge", "EpochMismatch")]
    [InlineData("another policy", "EpochMismatch")]
    [InlineData("an omitted host", "EpochMismatch")]
    [InlineData("the same head again", "EpochMismatch")]
    [InlineData("another OHTTP key under the next epoch", "EarlyHead NotAnnounced")]
    [InlineData("an old head, replayed", "RolledBack")]
    [InlineData("another history", "Forked")]
    [InlineData("a stalled log", "Stalled")]
    [InlineData("a log with a witness that nobody knows", "NotWitnessed")]
    [InlineData("an entry of another authority", "NotTheAuthority")]
    [InlineData("heads that were held back", "Stalled LateHead UnknownRelease")]
    [InlineData("a key that nobody announced", "NotAnnounced")]
    [InlineData("a key that nobody announced, behind one of a KEM that no client knows", "NotAnnounced")]
    [InlineData("no key for clients", "NotAnnounced")]
    [InlineData("an issuer key that nobody announced", "NotAnnounced")]
    [InlineData("an issuer key that is used earlier than announced", "NotAnnounced")]
    [InlineData("an issuer where there was none", "NotAnnounced")]
    [InlineData("a key for each of some clients", "TooManyKeys")]
    [InlineData("a withheld document", "MissingDocument")]
    [InlineData("a withheld fleet", "MissingDocument")]
    [InlineData("a withheld host", "MissingDocument")]
    [InlineData("a host left out of the folder", "WrongFleet")]
    [InlineData("a host more under the same root", "WrongFleet")]
    [InlineData("a host that is none", "WrongFleet")]
    [InlineData("hosts in an order that somebody chose", "WrongFleet")]
    [InlineData("a host twice in the head", "HostTwice")]
    [InlineData("a machine under two ids", "HostTwice")]
    [InlineData("a sealing key under two key ids", "HostTwice")]
    [InlineData("a guest under two sets of keys", "HostTwice")]
    [InlineData("a host of a release before its time", "ImmatureRelease")]
    [InlineData("a TD of a release before its time, on the firmware of one that counts", "ImmatureRelease")]
    [InlineData("a host of a release that counts for another service alone", "ImmatureRelease")]
    [InlineData("a release that nobody knows, and a host of it", "UnknownRelease ImmatureRelease")]
    [InlineData("a release that nobody knows", "UnknownRelease")]
    [InlineData("a release that too few signed", "UnknownRelease")]
    public async Task What_clients_refuse_is_reported_by_name_and_once(string lie, string expected)
    {
        UpTo(Now);
        Assert.Empty(await LookAsync());

        List<FindingKind> found = [.. await TellAsync(lie), .. await LookAsync()];

        Assert.Equal(expected, string.Join(' ', found));

        // What is wrong with an entry is told once; a log that shows another history than it did, or no witnessed one, is wrong at every look.
        Assert.Equal(expected is "RolledBack" or "Forked" or "NotWitnessed" ? found : [], await LookAsync());
    }

    public void Dispose()
    {
        _http.Dispose();
        _mirror.Dispose();
        _authority.Dispose();
        _documents.Dispose();
    }

    /// <summary>Tells a lie in the epoch that runs, as a second head of it, or in the next; gives what was found before it was complete.</summary>
    private async Task<IReadOnlyList<FindingKind>> TellAsync(string lie)
    {
        IReadOnlyList<HostRecord> honest = _documents.Hosts;
        switch (lie)
        {
            case "another OHTTP key":
                _documents.Keys = LoggedDocuments.OhttpKeys(9);
                _authority.Append(_documents.MakeHead(Now));
                return [];
            case "another issuer key":
                _documents.Issuer = LoggedDocuments.IssuerKeys((9, null));
                _authority.Append(_documents.MakeHead(Now));
                return [];
            case "another challenge":
                _documents.Challenge = "for one client"u8.ToArray();
                _authority.Append(_documents.MakeHead(Now));
                return [];
            case "another policy":
                _documents.Policy = "for one client"u8.ToArray();
                _authority.Append(_documents.MakeHead(Now));
                return [];
            case "an omitted host":
                _documents.Hosts = [honest[0]];
                _authority.Append(_documents.MakeHead(Now));
                return [];
            case "the same head again":
                _authority.Append(_documents.MakeHead(Now));
                return [];
            case "another OHTTP key under the next epoch":
                _documents.Keys = LoggedDocuments.OhttpKeys(9);
                UpTo(Now + 1);
                return [];
            case "an old head, replayed":
                _mirror.Authority = _authority.Truncated(Now - 5);
                return [];
            case "another history":
                _mirror.Authority = _authority.Truncated(Now - 5).UpTo(Now, number => TestAuthority.Head(number, "of another history"));
                return [];
            case "a log with a witness that nobody knows":
                _authority.IsCosignedByAStranger = true;
                return [];
            case "heads that were held back":
                LaterBy(2);
                FindingKind[] before = await LookAsync();
                _documents.Releases = Signed(_release, MakeRelease("chat 6.6"));
                UpTo(Now + 2);
                return before;
            case "a stalled log":
                LaterBy(2);
                return [];
            default:
                LaterBy(1);
                TellInTheNextEpoch(lie, honest);
                return [];
        }
    }

    private void TellInTheNextEpoch(string lie, IReadOnlyList<HostRecord> honest)
    {
        switch (lie)
        {
            case "an entry of another authority":
                using (NoteSigner somebody = NoteSigner.Generate(TestAuthority.Name, NoteKeyType.Ed25519))
                    _authority.Append(somebody.Sign([.. _documents.MakeHead(Now + 1).Write(), (byte)'\n']));
                return;
            case "a key that nobody announced":
                _documents.Keys = LoggedDocuments.OhttpKeys(9, 1);
                break;
            case "a key that nobody announced, behind one of a KEM that no client knows":
                _documents.Keys = [0, 5, 7, 0xFE, 0xFE, 1, 2, .. LoggedDocuments.OhttpKeys(9, 1)];
                break;
            case "no key for clients":
                _documents.Keys = [];
                break;
            case "an issuer key that nobody announced":
                _documents.Issuer = LoggedDocuments.IssuerKeys((9, null), (1, null));
                break;
            case "an issuer key that is used earlier than announced":
                _documents.Issuer = LoggedDocuments.IssuerKeys((1, null), (2, Genesis.AddHours(Now + 5)));
                UpTo(Now + 1);
                LaterBy(1);
                _documents.Issuer = LoggedDocuments.IssuerKeys((1, null), (2, Genesis.AddHours(Now + 2.5)));
                UpTo(Now + 2);
                return;
            case "an issuer where there was none":
                _documents.Issuer = [];
                UpTo(Now + 1);
                LaterBy(1);
                _documents.Issuer = LoggedDocuments.IssuerKeys((1, Genesis.AddHours(Now + 20)));
                UpTo(Now + 2);
                return;
            case "a key for each of some clients":
                _documents.Keys = LoggedDocuments.OhttpKeys(1, 2, 3, 4);
                break;
            case "a withheld document":
                _documents.Keys = LoggedDocuments.OhttpKeys(1, 2);
                UpTo(Now + 1);
                File.Delete(_documents.FileOf(_documents.Keys));
                return;
            case "a withheld fleet":
                _documents.Hosts = [.. honest, LoggedDocuments.Host(4)];
                UpTo(Now + 1);
                File.Delete(_documents.FleetFile(_documents.Root));
                return;
            case "a withheld host":
                _documents.Hosts = [.. honest, LoggedDocuments.Host(4)];
                UpTo(Now + 1);
                File.Delete(_documents.FileOf(_documents.Hosts[3].Encode()));
                return;
            case "a host left out of the folder":
                _documents.Hosts = [.. honest, LoggedDocuments.Host(4)];
                UpTo(Now + 1);
                File.WriteAllBytes(_documents.FleetFile(_documents.Root), File.ReadAllBytes(_documents.FleetFile(_documents.Root))[..^32]);
                return;
            case "a host more under the same root":
                LaterBy(1);
                EpochHead last = _documents.MakeHead(Now + 1);
                _authority.Append(last);
                _authority.Append(last with { Epoch = Now + 2, FleetTotal = 4 });
                return;
            case "a host that is none":
                _documents.Hosts = [honest[0], new HostRecord("no claims"u8.ToArray(), honest[1].Evidence, [])];
                break;
            case "hosts in an order that somebody chose":
                _documents.Hosts = [.. Enumerable.Range(1, 12).Select(number => LoggedDocuments.Host((byte)number))];
                _documents.Root = FleetTree.EmptyRoot;
                break;
            case "a host twice in the head":
                _documents.Hosts = [honest[0], honest[1], honest[1]];
                break;
            case "a machine under two ids":
                _documents.Hosts = [honest[0], LoggedDocuments.Host(8, tls: 1)];
                break;
            case "a sealing key under two key ids":
                _documents.Hosts = [honest[0], LoggedDocuments.Host(8, keyConfig: [.. LoggedDocuments.KeyConfig(8, 1, aead: 2)])];
                break;
            case "a guest under two sets of keys":
                _documents.Hosts = [honest[0], LoggedDocuments.Host(8, guest: 1)];
                break;
            case "a host of a release before its time":
                _documents.Releases = Signed(_release, _next);
                _documents.Hosts = [honest[0], HostOf(_next, 2)];
                break;
            case "a TD of a release before its time, on the firmware of one that counts":
                _documents.Releases = Signed(_release, _td, _nextTd);
                _documents.Hosts = [honest[0], HostOf(_td, 2), HostOf(_nextTd, 3)];
                break;
            case "a host of a release that counts for another service alone":
                _documents.Releases = Signed(_elsewhere, _next);
                _documents.Hosts = [HostOf(_next, 2)];
                break;
            case "a release that nobody knows, and a host of it":
                Release unknown = MakeRelease("chat 6.6");
                _documents.Releases = Signed(_release, unknown);
                _documents.Hosts = [HostOf(unknown, 2)];
                break;
            case "a release that nobody knows":
                _documents.Releases = Signed(_release, MakeRelease("chat 6.6"));
                break;
            case "a release that too few signed":
                _documents.Releases = new DocumentSet([_authority.Sign(MakeRelease("chat 6.6"), signers: 1)]).Encode();
                break;
            default:
                throw new ArgumentException(lie);
        }

        UpTo(Now + 1);
    }

    private static Release MakeRelease(string name, string service = "chat.example") =>
        new(name, service, "sev-snp", new Dictionary<string, ReadOnlyMemory<byte>> { ["measurement"] = Encoding.ASCII.GetBytes(name.PadRight(48)) });

    /// <summary>An image for TDs, all on one firmware.</summary>
    private static Release MakeImage(string name, byte kernel) =>
        new(name, "chat.example", "tdx", new Dictionary<string, ReadOnlyMemory<byte>> { ["mrtd"] = Encoding.ASCII.GetBytes("firmware".PadRight(48)), ["rtmr1"] = Enumerable.Repeat(kernel, 48).ToArray() });

    private static HostRecord HostOf(Release release, byte number) => LoggedDocuments.Host(number, evidence: release.Kind is "tdx"
        ? LoggedDocuments.Quote(number, release.Measurements["mrtd"], release.Measurements["rtmr1"])
        : LoggedDocuments.Report(number, release.Measurements["measurement"]));

    private byte[] Signed(params Release[] releases) => new DocumentSet([.. releases.Select(release => (ReadOnlyMemory<byte>)_authority.Sign(release))]).Encode();

    private void UpTo(long epoch) => _authority.UpTo(epoch, _documents.MakeHead);

    private void LaterBy(int epochs) => _mirror.Now = _clock.Now = _clock.Now.AddHours(epochs);

    private async Task<FindingKind[]> LookAsync() => [.. (await _monitor.LookAsync(TestContext.Current.CancellationToken)).Select(finding => finding.Kind)];

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
