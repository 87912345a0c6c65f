using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.SoftwareTee;
using Veil.SoftwareTee.Forgeries;

namespace Veil.Host.Tests.Evidence;

/// <summary>A folder with roots of every kind.</summary>
public sealed class RootFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("veil-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>What the software TEE makes on request, each against a policy that accepts the honest machine.</summary>
public sealed partial class ForgeryTests(RootFolder folder) : IClassFixture<RootFolder>
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    /// <summary>Where a forgery cannot but break another rule as well.</summary>
    private static readonly Dictionary<string, string[]> Besides = new()
    {
        ["old-committed-firmware"] = [CheckNames.MinimumTcb, CheckNames.ProvisionalFirmware],

        // The level of what is not identified is not known.
        ["enclave-debug"] = [CheckNames.TcbStatus],
        ["enclave-old"] = [CheckNames.TcbStatus],
        ["enclave-of-another-signer"] = [CheckNames.TcbStatus],
        ["enclave-of-another-product"] = [CheckNames.TcbStatus],
        ["unknown-module"] = [CheckNames.TcbStatus],
        ["module-of-another-signer"] = [CheckNames.TcbStatus],

        // The machine's GPUs were asked with the key that was attested.
        ["relayed"] = [CheckNames.Nonce],
    };

    public static TheoryData<string, string> Forgeries =>
        [.. ForgeryList.All.SelectMany(forgery => forgery.Kinds.Select(kind => (kind, forgery.Name)))];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void Each_is_refused_by_the_check_that_it_names_and_by_no_other(string kind, string name)
    {
        Forgery forgery = ForgeryList.Find(kind, name)!;
        (bool passed, Verdict verdict) = Appraise(kind, forgery);
        Assert.False(passed);
        Assert.Equal([forgery.RefusedBy, .. Besides.GetValueOrDefault(name, [])], verdict.Failures.Select(check => check.Name).Distinct());
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

    private (bool Passed, Verdict Verdict) Appraise(string kind, Forgery? forgery)
    {
        var options = new SoftwareTeeOptions { Kind = kind, RootFolder = folder.Path };
        using var machine = PlayedMachine.Start(options, forgery, Now);
        using var maker = new RecordMaker
        {
            Attester = machine,
            GpuCount = 1,
            MakeGpu = () => SoftwareGpu.Under(folder.Path, Now),
            Service = SoftwareMachine.Service,
            Lifetime = TimeSpan.FromHours(3),
            Now = Now,
        };
        HostRecord record = forgery is RecordForgery wrong ? wrong.Make(maker) : maker.Record();
        return (AppraisedHost.TryAppraise(record, Policy(options), Now, out _, out Verdict verdict), verdict);
    }

    /// <summary>The defaults, and every field that an honest machine of this kind has a value for.</summary>
    private AppraisalPolicy Policy(SoftwareTeeOptions options)
    {
        byte[] measurement = options.EffectiveMeasurement();
        using var gpu = SoftwareGpu.Under(folder.Path, Now);
        var forGpu = new Attestation.Nvidia.GpuPolicy
        {
            TrustedRoots = [gpu.SpkiSha256],
            ReferenceValues = new Dictionary<int, IReadOnlyCollection<ReadOnlyMemory<byte>>> { [SoftwareGpu.MeasurementIndex] = [SoftwareGpu.Measurement] },
        };
        if (options.Kind is SoftwareTeeOptions.Tdx)
        {
            using var platform = SoftwareTdxPlatform.Under(folder.Path, Now);
            return new()
            {
                Service = SoftwareMachine.Service,
                Tdx = new() { TrustedRoots = [platform.SpkiSha256], Images = [new() { Mrtd = measurement, Rtmr0 = new byte[48] }], MinimumEvaluationNumber = 17 },
                Gpu = forGpu,
            };
        }

        using var root = SoftwareRoot.OpenOrCreate(folder.Path, Now);
        return new()
        {
            Service = SoftwareMachine.Service,
            Snp = new()
            {
                TrustedRoots = [root.SpkiSha256],
                Measurements = [measurement],
                MinimumTcb = new Dictionary<ProductLine, TcbVersion> { [ProductLine.Milan] = PlayedMachine.Tcb },
                RequiredPlatformInfo = SnpPlatformInfo.AliasCheck,
                HostData = [new byte[32]],
            },
            Gpu = forGpu,
        };
    }

    private static string Page([CallerFilePath] string self = "") => Path.Combine(Path.GetDirectoryName(self)!, "..", "..", "..", "ops", "docs", "attack-list.md");

    [GeneratedRegex("^\\| [A-F][0-9]+ \\|")]
    private static partial Regex ItemRow();
}
