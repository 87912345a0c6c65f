using System.Text.RegularExpressions;
using Veil.Attestation;
using Veil.Attestation.Nvidia;
using Veil.SoftwareTee;
using Veil.SoftwareTee.Forgeries;

namespace Veil.Host.Tests.Evidence;

/// <summary>What the software TEE makes on request, each against a policy that accepts the honest machine.</summary>
public sealed partial class ForgeryTests : IDisposable
{
    private static readonly Lazy<string> SharedFolder = new(() => Directory.CreateTempSubdirectory("veil-test-").FullName);
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly SoftwareGpu _gpu = SoftwareGpu.Under(SharedFolder.Value, Now);

    public static TheoryData<string, string> Forgeries =>
        [.. ForgeryList.All.SelectMany(forgery => forgery.Kinds.Select(kind => (kind, forgery.Name)))];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void Each_is_refused_by_the_check_that_it_names(string kind, string name)
    {
        Forgery forgery = ForgeryList.Find(kind, name)!;
        (bool passed, Verdict verdict) = Appraise(kind, forgery);
        Assert.False(passed);
        Assert.Contains(forgery.RefusedBy, verdict.Failures.Select(check => check.Name));
    }

    [Theory]
    [InlineData(SoftwareTeeOptions.SevSnp)]
    [InlineData(SoftwareTeeOptions.Tdx)]
    public void The_honest_machine_passes_the_same_policy(string kind)
    {
        (bool passed, Verdict verdict) = Appraise(kind, forgery: null);
        Assert.True(passed, verdict.ToString());
    }

    [Fact]
    public void Names_are_single_for_each_kind_of_machine() =>
        Assert.All([SoftwareTeeOptions.SevSnp, SoftwareTeeOptions.Tdx], kind =>
            Assert.Distinct(ForgeryList.All.Where(forgery => forgery.Kinds.Contains(kind)).Select(forgery => forgery.Name)));

    /// <summary>An item that evidence cannot carry says so in its row, with a dash.</summary>
    [Fact]
    public void The_list_of_attacks_names_those_of_each_item()
    {
        string[] rows = [.. File.ReadLines(Page()).Where(line => ItemRow().IsMatch(line))];
        Assert.NotEmpty(rows);
        foreach (string row in rows)
        {
            string[] cells = row.Split('|', StringSplitOptions.TrimEntries);
            IEnumerable<string> made = ForgeryList.All.Where(forgery => forgery.Item == cells[1]).Select(forgery => forgery.Name).Distinct();
            Assert.Equal((cells[1], string.Join(", ", made.Select(name => $"`{name}`").DefaultIfEmpty("–"))), (cells[1], cells[4]));
        }

        Assert.Empty(ForgeryList.All.Select(forgery => forgery.Item).Except(rows.Select(row => row.Split('|')[1].Trim())));
    }

    public void Dispose() => _gpu.Dispose();

    private (bool Passed, Verdict Verdict) Appraise(string kind, Forgery? forgery)
    {
        var options = new SoftwareTeeOptions { Kind = kind, RootFolder = SharedFolder.Value };
        using PlayedMachine machine = PlayedMachine.Start(options, forgery, Now);
        using var maker = new RecordMaker
        {
            Attester = machine,
            MakeGpu = () => SoftwareGpu.Under(SharedFolder.Value, Now),
            Service = SoftwareMachine.Service,
            Lifetime = TimeSpan.FromHours(3),
            Now = Now,
        };
        bool hasGpus = forgery is null or RecordForgery;
        Endorsement[] gpus = maker.AskGpus(hasGpus ? 1 : 0, GpuEvidence.Nonce(maker.TlsKey));
        HostRecord made = forgery is RecordForgery { Item: "F7" } wrong ? wrong.Make(maker)
            : forgery is RecordForgery record ? record.Make(maker)
            : maker.Record(maker.Claims(gpus: gpus), gpus);
        bool passed = AppraisedHost.TryAppraise(made, Policy(kind, options, withGpu: forgery is null or { Item: "F7" }), Now, out _, out Verdict verdict);
        return (passed, verdict);
    }

    /// <summary>The defaults, and every field that an honest machine has a value for.</summary>
    private AppraisalPolicy Policy(string kind, SoftwareTeeOptions options, bool withGpu)
    {
        byte[] measurement = options.EffectiveMeasurement();
        using SoftwareTdxPlatform tdx = SoftwareTdxPlatform.Under(SharedFolder.Value, Now);
        using SoftwareRoot? snp = kind is SoftwareTeeOptions.SevSnp ? SoftwareRoot.OpenOrCreate(SharedFolder.Value, Now) : null;
        return new()
        {
            Service = SoftwareMachine.Service,
            Snp = snp is null ? null : new() { TrustedRoots = [snp.SpkiSha256], Measurements = [measurement], MinimumTcb = new Dictionary<Attestation.Snp.ProductLine, Attestation.Snp.TcbVersion> { [Attestation.Snp.ProductLine.Milan] = PlayedMachine.Tcb }, HostData = [new byte[32]] },
            Tdx = snp is not null ? null : new() { TrustedRoots = [tdx.SpkiSha256], Images = [new() { Mrtd = measurement, Rtmr0 = new byte[48] }], MinimumEvaluationNumber = 17 },
            Gpu = withGpu ? new() { TrustedRoots = [_gpu.SpkiSha256], ReferenceValues = new Dictionary<int, IReadOnlyCollection<ReadOnlyMemory<byte>>> { [1] = [SoftwareGpu.Measurement] } } : null,
        };
    }

    private static string Page([System.Runtime.CompilerServices.CallerFilePath] string self = "") => Path.Combine(Path.GetDirectoryName(self)!, "..", "..", "..", "ops", "docs", "attack-list.md");

    [GeneratedRegex("^\\| [A-F][0-9]+ \\|")]
    private static partial Regex ItemRow();
}
