using System.Diagnostics;
using System.Text.Json;
using Veil.Attestation;
using Veil.HostAgent;
using Veil.SoftwareTee;
using Veil.SoftwareTee.Forgeries;

namespace Veil.Host.Tests;

/// <summary>The two programs as an operator meets them: one line when they cannot start, and what a policy needs to know.</summary>
public sealed class ProgramTests
{
    private static readonly string[] Complete =
    [
        "--Server:Listen=127.0.0.1:0", "--Host:Service=chat.example", "--Host:Workload=http://127.0.0.1:9", "--Host:Gateways:0:Name=g",
        "--Host:Gateways:0:CertificateSpkiSha256=" + "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    ];

    [Fact]
    public async Task A_host_agent_without_a_TEE_refuses_to_start_with_one_line()
    {
        (int exit, string output, string error) = await RunAsync("Veil.HostAgent", [.. Complete, "--Attester:Folder=/nonexistent/tsm"]);
        Assert.Equal(1, exit);
        Assert.StartsWith("veil-host: no TEE: /nonexistent/tsm is not there", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_agent_refuses_an_environment_that_could_change_its_code_and_names_it()
    {
        (int exit, _, string error) = await RunAsync("Veil.HostAgent", [.. Complete, "--Attester:Folder=/nonexistent/tsm"], ("LD_LIBRARY_PATH", "/nonexistent"));
        Assert.Equal(2, exit);
        Assert.Contains("LD_LIBRARY_PATH must not be set", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Host:Workload=http://10.0.0.1:80", "Host:Workload")]
    [InlineData("--Host:Workload=https://127.0.0.1:80", "Host:Workload")]
    [InlineData("--Host:Gateways:0:CertificateSpkiSha256=00", "Host:Gateways:0:CertificateSpkiSha256")]
    [InlineData("--Host:Service=a b", "Host:Service")]
    [InlineData("--Host:EpochGrace=07:00:00", "Host:EpochGrace")]
    [InlineData("--Host:EpochLength=12:00:00", "Host:EpochLength")]
    [InlineData("--Host:RequestFields:0=authorization", "Host:RequestFields")]
    [InlineData("--Host:Servise=x", "Host:Servise")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string property)
    {
        (int exit, _, string error) = await RunAsync("Veil.HostAgent", [.. Complete, "--Attester:Folder=/nonexistent/tsm", setting]);
        Assert.Equal(2, exit);
        Assert.StartsWith($"veil-host: {property}: found ", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sev-snp", false)]
    [InlineData("tdx", false)]
    [InlineData("tdx", true)]
    public async Task A_record_of_either_kind_passes_the_policy_that_its_root_prints_and_a_readable_guest_does_not(string kind, bool isReadable)
    {
        string folder = Directory.CreateTempSubdirectory("veil-test-").FullName;
        string file = Path.Combine(folder, "host.cbor");
        (int exit, string output, string error) = await RunAsync(
            "Veil.SoftwareTee", ["record", Path.Combine(folder, "root"), "--service", "chat.example", "--kind", kind, "--out", file, .. isReadable ? new[] { "--forge", "debug" } : []]);
        Assert.Equal((0, "", ""), (exit, output, error));
        (ReadOnlyMemory<byte> spki, ReadOnlyMemory<byte> measurement) = await PrintedAsync(Path.Combine(folder, "root"), kind);
        byte[] encoded = File.ReadAllBytes(file);
        Directory.Delete(folder, recursive: true);

        var policy = new AppraisalPolicy
        {
            Service = "chat.example",
            Snp = new() { TrustedRoots = [spki], Measurements = [measurement] },
            Tdx = new() { TrustedRoots = [spki], Images = [new() { Mrtd = measurement }] },
        };
        Assert.True(HostRecord.TryParse(encoded, out HostRecord? record, out _));
        Assert.Equal(!isReadable, AppraisedHost.TryAppraise(record, policy, DateTimeOffset.UtcNow, out _, out Verdict? verdict));
        Assert.Equal(isReadable ? [CheckNames.Debug] : [], verdict!.Failures.Select(check => check.Name));
    }

    [Fact]
    public async Task A_record_with_GPUs_passes_the_policy_that_their_root_prints()
    {
        string folder = Directory.CreateTempSubdirectory("veil-test-").FullName;
        string file = Path.Combine(folder, "host.cbor");
        (int exit, _, string error) = await RunAsync("Veil.SoftwareTee", ["record", folder, "--service", "chat.example", "--kind", "tdx", "--gpus", "2", "--out", file]);
        Assert.Equal((0, ""), (exit, error));
        (ReadOnlyMemory<byte> spki, ReadOnlyMemory<byte> measurement) = await PrintedAsync(folder, "tdx");
        (ReadOnlyMemory<byte> gpuSpki, ReadOnlyMemory<byte> gpuMeasurement) = await PrintedAsync(folder, "gpu");
        byte[] encoded = File.ReadAllBytes(file);
        Directory.Delete(folder, recursive: true);

        var policy = new AppraisalPolicy
        {
            Service = "chat.example",
            Tdx = new() { TrustedRoots = [spki], Images = [new() { Mrtd = measurement }] },
            Gpu = new() { TrustedRoots = [gpuSpki], ReferenceValues = new Dictionary<int, IReadOnlyCollection<ReadOnlyMemory<byte>>> { [1] = [gpuMeasurement] }, MinimumCount = 2 },
        };
        Assert.True(HostRecord.TryParse(encoded, out HostRecord? record, out _));
        Assert.True(AppraisedHost.TryAppraise(record, policy, DateTimeOffset.UtcNow, out _, out Verdict? verdict), verdict.ToString());
    }

    [Theory]
    [InlineData("--kind", "sgx")]
    [InlineData("--kind", null)]
    public async Task A_record_of_a_kind_that_is_not_played_is_refused_in_one_line(string option, string? kind)
    {
        (int exit, _, string error) = await RunAsync("Veil.SoftwareTee", ["record", "/nonexistent", "--service", "chat.example", "--out", "/nonexistent", option, .. kind is null ? Array.Empty<string>() : [kind]]);
        Assert.Equal(2, exit);
        Assert.StartsWith($"veil-software-tee record: --kind: found {(kind is null ? "nothing" : $"\"{kind}\"")}, sev-snp or tdx", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attack_that_is_not_known_is_refused_in_one_line_and_those_that_are_can_be_listed()
    {
        (int exit, _, string error) = await RunAsync("Veil.SoftwareTee", ["record", "/nonexistent", "--service", "chat.example", "--out", "/nonexistent", "--forge", "enclave-debug"]);
        Assert.Equal(2, exit);
        Assert.StartsWith("veil-software-tee record: --forge: found \"enclave-debug\", which is no attack on a machine of kind sev-snp", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);

        (exit, string output, _) = await RunAsync("Veil.SoftwareTee", ["forgeries", "--json"]);
        Assert.Equal(0, exit);
        Assert.Equal(
            ForgeryList.All.Select(forgery => forgery.Name),
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("name").GetString()));
        Assert.Equal(2, (await RunAsync("Veil.SoftwareTee", ["forgeries", "all"])).Exit);
    }

    [Theory]
    [InlineData("--SoftwareTee:Kind=sgx", "SoftwareTee:Kind: found \"sgx\"")]
    [InlineData("--SoftwareTee:Fault=broken", "SoftwareTee:Fault: found \"broken\"")]
    [InlineData("--SoftwareTee:Fault=enclave-debug", "SoftwareTee:Fault: found \"enclave-debug\"")]
    [InlineData("--SoftwareTee:Fault=old-claims", "SoftwareTee:Fault: found \"old-claims\"")]
    public async Task A_machine_that_cannot_be_played_is_refused_in_one_line(string setting, string line)
    {
        string folder = Directory.CreateTempSubdirectory("veil-test-").FullName;
        (int exit, _, string error) = await RunAsync("Veil.SoftwareTee", [.. Complete, $"--SoftwareTee:RootFolder={folder}", setting]);
        Directory.Delete(folder, recursive: true);
        Assert.NotEqual(0, exit);
        Assert.StartsWith($"veil-software-tee: {line}", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_TDX_root_is_made_once_and_is_another_than_that_of_SEV_SNP()
    {
        string folder = Path.Combine(Directory.CreateTempSubdirectory("veil-test-").FullName, "root");
        (int Exit, string Output, string Error)[] answers = await Task.WhenAll(
            RunAsync("Veil.SoftwareTee", ["root", folder, "--kind", "tdx", "--json"]),
            RunAsync("Veil.SoftwareTee", ["root", folder, "--kind", "tdx", "--json"]));
        (_, string snp, _) = await RunAsync("Veil.SoftwareTee", ["root", folder, "--json"]);
        (int code, _, string error) = await RunAsync("Veil.SoftwareTee", ["root", folder, "--kind", "sgx"]);
        Directory.Delete(folder, recursive: true);

        Assert.All(answers, answer => Assert.Equal((0, string.Empty), (answer.Exit, answer.Error)));
        Assert.Equal(answers[0].Output, answers[1].Output);
        Assert.NotEqual(answers[0].Output, snp);
        Assert.Equal((2, "veil-software-tee root: --kind: found \"sgx\", sev-snp, tdx or gpu is wanted; --help says what is allowed\n"), (code, error));
    }

    [Fact]
    public async Task The_root_is_made_once_and_shared_by_all_who_ask()
    {
        string folder = Path.Combine(Directory.CreateTempSubdirectory("veil-test-").FullName, "root");
        try
        {
            (int Exit, string Output, string Error)[] answers = await Task.WhenAll(
                RunAsync("Veil.SoftwareTee", ["root", folder, "--json"]),
                RunAsync("Veil.SoftwareTee", ["root", folder, "--json"]));
            Assert.All(answers, answer => Assert.Equal((0, string.Empty), (answer.Exit, answer.Error)));
            Assert.Equal(answers[0].Output, answers[1].Output);
            JsonElement printed = JsonDocument.Parse(answers[0].Output).RootElement;
            using SoftwareRoot root = SoftwareRoot.OpenOrCreate(folder, DateTimeOffset.UtcNow);
            Assert.Equal(Convert.ToHexStringLower(root.SpkiSha256), printed.GetProperty("root_spki_sha256").GetString());
            Assert.Equal(Convert.ToHexStringLower(SoftwareGuest.MeasurementOf("veil software tee")), printed.GetProperty("measurement").GetString());
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "ask.key")));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        }
    }

    [Fact]
    public async Task The_root_command_says_what_it_wants()
    {
        Assert.Equal(0, (await RunAsync("Veil.SoftwareTee", ["root", "--help"])).Exit);
        (int exit, _, string error) = await RunAsync("Veil.SoftwareTee", ["root"]);
        Assert.Equal(2, exit);
        Assert.Contains("FOLDER is missing", error, StringComparison.Ordinal);
    }

    /// <summary>What a policy names for the root in a folder, as the program prints it.</summary>
    private static async Task<(ReadOnlyMemory<byte> Spki, ReadOnlyMemory<byte> Measurement)> PrintedAsync(string folder, string kind)
    {
        (int exit, string output, _) = await RunAsync("Veil.SoftwareTee", ["root", folder, "--kind", kind, "--json"]);
        Assert.Equal(0, exit);
        JsonElement root = JsonDocument.Parse(output).RootElement;
        return (Convert.FromHexString(root.GetProperty("root_spki_sha256").GetString()!), Convert.FromHexString(root.GetProperty("measurement").GetString()!));
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string program, string[] args, (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program + ".dll"), .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in UnmeasuredEnvironment.Find(Environment.GetEnvironmentVariables()))
            start.Environment.Remove(name); // What started the tests may have set DOTNET_ROOT.
        if (variable is { } set)
            start.Environment[set.Name] = set.Value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
