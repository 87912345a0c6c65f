using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Veil.EndToEnd;

/// <summary>The one command that a newcomer runs.</summary>
public static class DemoTests
{
    private static readonly string Program = typeof(DevStack.Deployment).Assembly.Location;

    [Fact]
    public static async Task It_answers_and_shows_who_saw_what()
    {
        (int exit, string output, string errors) = await RunAsync(["--port", "0"]);
        Assert.True(exit == 0, errors + output);
        Assert.Contains("chest pain", output, StringComparison.OrdinalIgnoreCase);
        foreach (string party in new[] { "relay", "gateway", "issuer", "host 1", "host 2", "workload" })
        {
            Assert.Contains($"\n{party} ", output, StringComparison.Ordinal);
        }

        Assert.Contains("No party saw both", output, StringComparison.Ordinal);

        // What the client relied on: the log's size, its witnesses, the release and what the hosts were found to be.
        string steps = errors + output;
        Assert.Matches("relies on the head of epoch [0-9]+ in a log of [1-9][0-9]*, cosigned by witness[12].veil.test and witness[12].veil.test", steps);
        Assert.Contains("appraised 2 of 2 hosts itself: genuine, not to be debugged, running \"summary 1.0\"", steps, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task An_attack_that_is_noticed_ends_well_and_says_why()
    {
        (int exit, string output, string errors) = await RunAsync(["--attack", "per-user-key", "--json", "--port", "0"]);
        Assert.True(exit == 0, errors + output);
        JsonElement report = JsonDocument.Parse(output).RootElement;
        Assert.True(report.GetProperty("ok").GetBoolean());
        Assert.Contains("EpochMismatch", Assert.Single(report.GetProperty("attacks").EnumerateArray()).GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public static async Task Json_is_one_line_that_says_what_each_party_saw()
    {
        (int exit, string output, string errors) = await RunAsync(["--json", "--port", "0", "--input", "-"], "The library roof leaks over the east reading room. Rain came in twice. Please fix the roof.");
        Assert.True(exit == 0, errors + output);
        Assert.Single(output.TrimEnd('\n').Split('\n'));
        JsonElement report = JsonDocument.Parse(output).RootElement;
        Assert.True(report.GetProperty("ok").GetBoolean());
        Assert.Contains("roof", report.GetProperty("answer").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, report.GetProperty("tokens").GetInt32());
        Assert.StartsWith("host ", report.GetProperty("host").GetString(), StringComparison.Ordinal);
        JsonElement saw = report.GetProperty("saw");

        Assert.True(Saw("relay", "address"));
        Assert.False(Saw("relay", "account") || Saw("relay", "token") || Saw("relay", "question") || Saw("relay", "answer"));
        Assert.True(Saw("issuer", "account") && Saw("issuer", "token"));
        Assert.False(Saw("issuer", "question") || Saw("issuer", "answer"));
        Assert.True(Saw("gateway", "token"));
        Assert.False(Saw("gateway", "account"));
        string host = report.GetProperty("host").GetString()!;
        Assert.True(Saw(host, "question") && Saw(host, "answer"));
        Assert.False(Saw(host, "account") || Saw(host, "token"));
        Assert.True(Saw("workload", "question"));
        Assert.False(Saw("workload", "account") || Saw("workload", "token"));
        if (OperatingSystem.IsLinux())
        {
            Assert.False(Saw("gateway", "address") || Saw(host, "address") || Saw("workload", "address"));
        }

        bool Saw(string party, string what) => saw.GetProperty(party).GetProperty(what).GetBoolean();
    }

    [Theory]
    [InlineData("no-such-file.txt", "no-such-file.txt")]
    [InlineData("-", "empty")]
    public static async Task Unreadable_or_empty_input_is_one_clear_line(string input, string expected)
    {
        (int exit, string output, string errors) = await RunAsync(["--port", "0", "--input", input], "  \n ");
        Assert.NotEqual(0, exit);
        Assert.Empty(output);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task A_port_in_use_is_one_clear_line_that_names_it()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Any, 0));
        taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        (int exit, _, string errors) = await RunAsync(["--port", $"{port}"]);
        Assert.NotEqual(0, exit);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.Contains($"Port {port} ", errors, StringComparison.Ordinal);
        Assert.Contains("in use", errors, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task Serve_keeps_everything_up_and_prints_a_command_that_works()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SIGINT is sent with kill.");
        var start = new ProcessStartInfo("dotnet", [Program, "--serve", "--port", "0"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process demo = Process.Start(start)!;
        _ = demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string doctor = "";
        while (await demo.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("Folders with", StringComparison.Ordinal))
        {
            doctor = line.Contains(" doctor ", StringComparison.Ordinal) ? line : doctor;
        }

        using Process examination = Process.Start(new ProcessStartInfo("bash", ["-c", doctor]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string findings = await examination.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string problems = await examination.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await examination.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(examination.ExitCode == 0, findings + problems);

        using Process signal = Process.Start("kill", ["-INT", $"{demo.Id}"]);
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, demo.ExitCode);
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(string[] arguments, string input = "")
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process demo = Process.Start(start)!;
        await demo.StandardInput.WriteAsync(input);
        demo.StandardInput.Close();
        Task<string> output = demo.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (demo.ExitCode, await output, await errors);
    }
}
