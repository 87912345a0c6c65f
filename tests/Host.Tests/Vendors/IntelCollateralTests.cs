using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Veil.Attestation;
using Veil.Attestation.Tdx;
using Veil.Host.Tests.Configfs;
using Veil.HostAgent;
using Veil.HostAgent.Configfs;
using Veil.HostAgent.Vendors;
using Veil.SoftwareTee;

namespace Veil.Host.Tests.Vendors;

/// <summary>A TDX host that fetches Intel's collateral: what it asks, what it keeps, and what it does when the answers stay away.</summary>
public sealed class IntelCollateralTests : IAsyncLifetime
{
    private static readonly byte[] Value = SoftwareMachine.Bytes(64, 5);
    private static readonly SoftwareTd Guest = new() { Mrtd = SoftwareMachine.Bytes(48, 8) };
    private readonly SoftwareTdxPlatform _platform = new(SoftwareMachine.Now);
    private readonly ManualClock _clock = new(SoftwareMachine.Now);
    private readonly LogLines _log = new();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"veil-test-{Guid.NewGuid():n}");
    private VendorService _intel = null!;

    public async ValueTask InitializeAsync()
    {
        _intel = await VendorService.StartAsync();
        _intel.SayTdx(_platform.Endorse());
    }

    [Fact]
    public void What_Intel_answers_travels_with_the_quote_and_passes_an_appraisal()
    {
        using VendorDocuments documents = Documents();
        AttestedValue attested = Attester(documents).Attest(Value);
        var policy = new AppraisalPolicy { Service = "a", Tdx = new() { TrustedRoots = [_platform.SpkiSha256], Images = [new() { Mrtd = Guest.Mrtd }] } };
        Verdict verdict = EvidenceAppraisal.Appraise(attested.Evidence, attested.Endorsements, policy, Value, new() { Now = SoftwareMachine.Now });
        Assert.True(verdict.Passed, verdict.ToString());
        Assert.Equal(
            ["/tdx/certification/v4/tcb?fmspc=00806f050000", "/tdx/certification/v4/qe/identity", "/sgx/certification/v4/pckcrl?ca=platform&encoding=der", "/root.der"], _intel.Asked);
    }

    [Fact]
    public void Young_answers_are_not_asked_for_again_and_old_ones_are()
    {
        using VendorDocuments documents = Documents();
        ConfigfsAttester attester = Attester(documents);
        attester.Attest(Value);
        _clock.Now += TimeSpan.FromMinutes(59);
        attester.Attest(Value);
        Assert.Equal(4, _intel.Asked.Count);

        _intel.SayTdx(_platform.Endorse(new() { EvaluationNumber = 18 }));
        _clock.Now += TimeSpan.FromMinutes(1);
        Assert.Contains("\"tcbEvaluationDataNumber\":18", Encoding.UTF8.GetString(attester.Attest(Value).Endorsements[0].Bytes.Span), StringComparison.Ordinal);
        Assert.Equal(8, _intel.Asked.Count);
    }

    [Fact]
    public void A_service_that_is_away_leaves_the_old_answers_and_one_line_for_each_and_is_asked_again_later()
    {
        using VendorDocuments documents = Documents();
        ConfigfsAttester attester = Attester(documents);
        IReadOnlyList<Endorsement> before = attester.Attest(Value).Endorsements;
        _intel.Answers.Clear();
        _clock.Now += TimeSpan.FromHours(2);
        AssertSame(before, attester.Attest(Value).Endorsements);
        Assert.Equal(4, _log.Lines.Count);
        Assert.All(_log.Lines, line => Assert.Equal("the manufacturer's collateral could not be fetched; what was fetched 2.0 h ago is handed out", line));

        AssertSame(before, attester.Attest(Value).Endorsements);
        Assert.Equal(8, _intel.Asked.Count);
        _intel.SayTdx(_platform.Endorse());
        _clock.Now += TimeSpan.FromMinutes(1);
        attester.Attest(Value);
        Assert.Equal(12, _intel.Asked.Count);
        Assert.Equal(4, _log.Lines.Count);
    }

    [Fact]
    public void A_folder_carries_answers_over_a_restart_without_the_service()
    {
        IReadOnlyList<Endorsement> before;
        using (VendorDocuments first = Documents(_folder))
        {
            before = Attester(first).Attest(Value).Endorsements;
        }

        _intel.Answers.Clear();
        using (VendorDocuments young = Documents(_folder))
        {
            AssertSame(before, Attester(young).Attest(Value).Endorsements);
            Assert.Equal(4, _intel.Asked.Count);
        }

        _clock.Now += TimeSpan.FromHours(2);
        using VendorDocuments old = Documents(_folder);
        AssertSame(before, Attester(old).Attest(Value).Endorsements);
        Assert.Equal(8, _intel.Asked.Count);
        Assert.Equal(4, _log.Lines.Count);
    }

    [Fact]
    public void A_kept_file_that_was_cut_or_altered_is_as_good_as_none()
    {
        using (VendorDocuments first = Documents(_folder))
        {
            Attester(first).Attest(Value);
        }

        string[] files = Directory.GetFiles(_folder);
        Assert.Equal(4, files.Length);
        File.WriteAllBytes(files[0], File.ReadAllBytes(files[0])[..^7]);
        File.WriteAllText(files[1], "null");
        File.WriteAllText(files[2], "{}");
        File.WriteAllBytes(files[3], new byte[VendorDocuments.MaxAnswerSize * 2 + 1]);
        using VendorDocuments second = Documents(_folder);
        Attester(second).Attest(Value);
        Assert.Equal(8, _intel.Asked.Count);
    }

    [Theory]
    [InlineData("Endorsements", "[null]")]
    [InlineData("Endorsements", """[{"MediaType":null,"Bytes":null}]""")]
    [InlineData("Endorsements", "[]")]
    [InlineData("Endorsements", "null")]
    [InlineData("FetchedAt", "\"9999-12-31T23:59:59.9999999+00:00\"")]
    [InlineData("FetchedAt", "\"2999-01-01T00:00:00+00:00\"")]
    public void A_kept_file_that_says_something_odd_is_as_good_as_none(string member, string value)
    {
        using (VendorDocuments first = Documents(_folder))
        {
            Attester(first).Attest(Value);
        }

        foreach (string file in Directory.GetFiles(_folder))
        {
            JsonNode kept = JsonNode.Parse(File.ReadAllText(file))!;
            kept[member] = JsonNode.Parse(value);
            File.WriteAllText(file, kept.ToJsonString());
        }

        using VendorDocuments second = Documents(_folder);
        Assert.Equal(5, Attester(second).Attest(Value).Endorsements.Count);
        Assert.Equal(8, _intel.Asked.Count);
    }

    [Fact]
    public void A_folder_that_takes_no_file_is_said_and_the_answers_are_used()
    {
        File.WriteAllText(_folder, "a file where the folder should be");
        using VendorDocuments documents = Documents(_folder);
        Assert.Equal(5, Attester(documents).Attest(Value).Endorsements.Count);
        Assert.Contains("CacheFolder", _log.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_older_caches_come_as_digits_and_those_of_others_as_text()
    {
        IReadOnlyList<Endorsement> endorsements = _platform.Endorse();
        _intel.Say("/sgx/certification/v4/pckcrl?ca=platform&encoding=der", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(endorsements[3].Bytes.Span) + "\n"));
        _intel.Say("/root.der", Encoding.ASCII.GetBytes(System.Security.Cryptography.PemEncoding.WriteString("X509 CRL", endorsements[4].Bytes.Span)));
        using VendorDocuments documents = Documents();
        IReadOnlyList<Endorsement> found = Attester(documents).Attest(Value).Endorsements;
        Assert.Contains(found, endorsement => endorsement.Bytes.Span.SequenceEqual(endorsements[3].Bytes.Span));
        Assert.Contains(found, endorsement => endorsement.Bytes.Span.SequenceEqual(endorsements[4].Bytes.Span));
    }

    [Fact]
    public void Each_kind_of_wrong_answer_is_named_and_never_kept()
    {
        const string Question = "/tdx/certification/v4/tcb?fmspc=00806f050000";
        IReadOnlyList<Endorsement> good = _platform.Endorse();
        byte[] login = "<html>please log in</html>"u8.ToArray();
        Check("status 404", () => _intel.Answers.TryRemove(Question, out _));
        Check("no application/vnd.veil.tdx-tcb-info", () => _intel.Say(Question, login, "TCB-Info-Issuer-Chain", "x"));
        Check("no application/vnd.veil.tdx-tcb-info", () => _intel.Say(Question, good[0].Bytes));
        Check("no application/vnd.veil.tdx-tcb-info", () => _intel.Say(Question, good[0].Bytes, "TCB-Info-Issuer-Chain", "%2"));
        Check("more than 131072 bytes", () => _intel.Say(Question, new byte[VendorDocuments.MaxAnswerSize + 1]));
        Check("status 302", () => _intel.Answers[Question] = context =>
        {
            context.Response.Redirect("/root.der");
            return Task.CompletedTask;
        });
        Check("cannot be reached", () => _intel.Answers[Question] = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        Check("did not answer within", () => _intel.Answers[Question] = context => Task.Delay(Timeout.Infinite, context.RequestAborted), TimeSpan.FromMilliseconds(300));
        _intel.SayTdx(good);
        Check("no application/pkix-crl", () => _intel.Say("/root.der", login));

        void Check(string reason, Action arrange, TimeSpan? timeout = null)
        {
            arrange();
            using VendorDocuments documents = Documents(_folder, timeout);
            string message = Assert.Throws<AttesterException>(() => Attester(documents).Attest(Value)).Message;
            Assert.Contains(reason, message, StringComparison.Ordinal);
            Assert.Contains("Attester:Vendors", message, StringComparison.Ordinal);
            Assert.DoesNotContain("00806f", message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_folder) && Directory.GetFiles(_folder).Any(file => File.ReadAllText(file).Contains("login", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_service_of_another_root_is_not_asked()
    {
        await using VendorService other = await VendorService.StartAsync();
        VendorOptions honest = _intel.Options();
        var options = new VendorOptions { IntelUrl = honest.IntelUrl, IntelRootListUrl = honest.IntelRootListUrl, Tls = other.Options().Tls };
        using var documents = new VendorDocuments(options, _clock, _log, CancellationToken.None);
        var attester = new ConfigfsAttester(new(), new TdxKernel(value => _platform.Quote(Guest, value)), new VendorCollateral(options, documents));
        Assert.Contains("SecureConnectionError", Assert.Throws<AttesterException>(() => attester.Attest(Value)).Message, StringComparison.Ordinal);
        Assert.Empty(_intel.Asked);
    }

    [Fact]
    public void A_stop_ends_a_call()
    {
        using var stop = new CancellationTokenSource();
        _intel.Answers["/tdx/certification/v4/qe/identity"] = context =>
        {
            stop.Cancel();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        VendorOptions options = _intel.Options();
        using var documents = new VendorDocuments(options, _clock, _log, stop.Token);
        var attester = new ConfigfsAttester(new(), new TdxKernel(value => _platform.Quote(Guest, value)), new VendorCollateral(options, documents));
        Assert.ThrowsAny<OperationCanceledException>(() => attester.Attest(Value));
    }

    [Fact]
    public void A_quote_without_its_chain_is_refused_before_anybody_is_asked()
    {
        using VendorDocuments documents = Documents();
        byte[] quote = _platform.Quote(Guest, Value);
        int at = quote.AsSpan().IndexOf("-----BEGIN"u8);
        quote[at] = (byte)'x';
        var attester = new ConfigfsAttester(new(), new TdxKernel(_ => quote), new VendorCollateral(_intel.Options(), documents));
        Assert.Contains("no PCK chain", Assert.Throws<AttesterException>(() => attester.Attest(Value)).Message, StringComparison.Ordinal);
        Assert.Empty(_intel.Asked);
    }

    [Fact]
    public void A_folder_and_a_service_together_are_a_wrong_setting()
    {
        string? failure = new ConfigfsOptionsRules().Validate(null, new() { CollateralFolder = "/collateral", Vendors = _intel.Options() }).FailureMessage;
        Assert.Equal("Attester:CollateralFolder: found \"/collateral\"; allowed: nothing where Attester:Vendors:IntelUrl is given", failure);
        Assert.True(new ConfigfsOptionsRules().Validate(null, new() { CollateralFolder = "/collateral" }).Succeeded);
    }

    public async ValueTask DisposeAsync()
    {
        await _intel.DisposeAsync();
        _platform.Dispose();
        if (File.Exists(_folder))
            File.Delete(_folder);
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private static void AssertSame(IReadOnlyList<Endorsement> one, IReadOnlyList<Endorsement> other) =>
        Assert.Equal(one, other, (left, right) => left.MediaType == right.MediaType && left.Bytes.Span.SequenceEqual(right.Bytes.Span));

    private VendorDocuments Documents(string? folder = null, TimeSpan? timeout = null) => new(_intel.Options(folder, timeout), _clock, _log, CancellationToken.None);

    private ConfigfsAttester Attester(VendorDocuments documents) =>
        new(new(), new TdxKernel(value => _platform.Quote(Guest, value)), new VendorCollateral(_intel.Options(), documents));

    private sealed class LogLines : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
