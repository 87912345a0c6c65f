using System.Text.Json;
using Veil.Common.Tests.Transparency;
using Veil.Proofs.TransparencyLog;
using Veil.Transparency.Epochs;

namespace Veil.Log.Tests.Monitoring;

/// <summary><c>veil-log monitor</c> as a program, over mirrors on loopback.</summary>
public sealed class MonitorCommandTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-monitor-").FullName;
    private readonly TestAuthority _authority = new TestAuthority(DateTimeOffset.FromUnixTimeSeconds(Now.ToUnixTimeSeconds()).AddHours(-10.5)).UpTo(10);
    private readonly HttpMirror _first;
    private readonly HttpMirror _second;

    public MonitorCommandTests()
    {
        (_first, _second) = (new HttpMirror(_authority, Now), new HttpMirror(_authority, Now));
        File.WriteAllBytes(Path.Combine(_folder, "trust.json"), _authority.Bundle.Write());
    }

    private string MemoryFile => Path.Combine(_folder, "seen.json");

    [Fact]
    public async Task Two_mirrors_of_one_history_are_no_finding_even_where_one_is_behind()
    {
        Assert.Equal((0, ""), await LookAsync());
        _second.InMemory.Authority = _authority.Truncated(10);
        Assert.Equal((0, ""), await LookAsync());
    }

    [Theory]
    [InlineData(11)]
    [InlineData(10)]
    public async Task Two_mirrors_with_two_witnessed_histories_are_a_split_view(int size)
    {
        _second.InMemory.Authority = _authority.Truncated(5).UpTo(size - 1, number => TestAuthority.Head(number, "for some of the clients"));
        Assert.Equal((1, "SplitView"), await LookAsync());
    }

    [Fact]
    public async Task With_a_memory_a_run_finds_what_happened_since_the_last_and_says_nothing_twice()
    {
        _authority.Append(TestAuthority.Head(3, "in the wrong place"));
        Assert.Equal((1, "EpochMismatch EpochMismatch"), await LookAsync("--memory", MemoryFile));
        Assert.Equal((0, ""), await LookAsync("--memory", MemoryFile));

        // Both mirrors roll back to what nobody could find fault with, and go on from there; by then it is later.
        (_first.InMemory.Now, _second.InMemory.Now) = (Now.AddHours(2), Now.AddHours(2));
        TestAuthority shorter = _authority.Truncated(11);
        (_first.InMemory.Authority, _second.InMemory.Authority) = (shorter, shorter);
        Assert.Equal((1, "RolledBack RolledBack"), await LookAsync("--memory", MemoryFile));
        TestAuthority other = _authority.Truncated(9).UpTo(12, number => TestAuthority.Head(number, "another history"));
        (_first.InMemory.Authority, _second.InMemory.Authority) = (other, other);
        Assert.Equal((1, "Forked Forked"), await LookAsync("--memory", MemoryFile));
        Assert.Equal((0, ""), await LookAsync());
    }

    [Fact]
    public async Task With_documents_the_keys_and_fleets_that_heads_name_are_judged()
    {
        using var documents = new LoggedDocuments { Releases = new DocumentSet([]).Encode() };
        TestAuthority logged = _authority.Truncated(0).UpTo(9, documents.MakeHead);
        (_first.InMemory.Authority, _second.InMemory.Authority) = (logged, logged);
        Assert.Equal((0, ""), await LookAsync("--documents", documents.Folder));

        (documents.Keys, documents.Hosts) = (LoggedDocuments.OhttpKeys(9), [LoggedDocuments.Host(1), LoggedDocuments.Host(1)]);
        logged.UpTo(10, documents.MakeHead);
        Assert.Equal((1, "NotAnnounced HostTwice"), await LookAsync("--documents", documents.Folder));
        Assert.Equal((0, ""), await LookAsync());
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(3, 1)]
    public async Task A_run_that_follows_the_log_ends_on_SIGTERM_with_the_code_that_says_whether_it_found_something(int lastEpoch, int code)
    {
        _first.InMemory.Authority = _authority.Truncated(10);
        _first.InMemory.Authority.Append(TestAuthority.Head(lastEpoch));
        await using LogProgram monitor = LogProgram.Start(_folder, ["monitor", "--trust", "trust.json", "--log", _first.Url.AbsoluteUri, "--every", "0.1"]);
        for (int i = 0; i < 1200 && !monitor.HasEnded && !monitor.Output.Contains("11 entries", StringComparison.Ordinal); i++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(code, await monitor.StopAsync());
    }

    [Theory]
    [InlineData("nothing", "is no monitor's memory")]
    [InlineData("""{"v":2}""", "is a monitor's memory of another version")]
    [InlineData("""{"v":1,"origin":"other.example/veil","log_key":"k","logs":[]}""", "is a monitor's memory of another log than gateway.example/veil under its key")]
    [InlineData("""{"v":1,"origin":"ORIGIN","log_key":"KEY","logs":[{"url":"u","size":-1,"root":"AAAA"}]}""", "is no monitor's memory")]
    [InlineData("""{"v":1,"origin":"ORIGIN","log_key":"KEY","logs":[{"url":"u","size":1,"root":"AAAA"}]}""", "is no monitor's memory")]
    public async Task What_is_no_memory_of_this_log_is_refused_in_one_line_and_stays(string content, string problem)
    {
        content = content.Replace("ORIGIN", _authority.Bundle.Origin, StringComparison.Ordinal).Replace("KEY", _authority.Bundle.LogKey.ToString(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(MemoryFile, content, TestContext.Current.CancellationToken);
        (int code, string output, string error) = await RunAsync("--memory", MemoryFile);
        Assert.Equal((1, ""), (code, output));
        Assert.Equal($"veil-log: {MemoryFile}: {problem}. Name another file, or move this one away to begin without a memory.\n", error);
        Assert.Equal(content, await File.ReadAllTextAsync(MemoryFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_address_that_is_none_is_refused_in_one_line()
    {
        (int code, _, string error) = await LogProgram.RunAsync(_folder, "monitor", "--trust", "trust.json", "--log", "log.example");
        Assert.Equal(1, code);
        Assert.Contains("--log: found 'log.example'; an http or https URL is wanted.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_without_documents_is_a_mistake_and_is_told_so()
    {
        (int code, _, string error) = await RunAsync("--release", MemoryFile);
        Assert.Equal((1, "veil-log: --release needs --documents: the folder of the documents that heads name.\n"), (code, error));
    }

    [Fact]
    public async Task Without_documents_a_run_says_first_what_it_does_not_judge()
    {
        const string NotJudged = "veil-log: releases, keys and fleets are not judged without --documents: the folder of the documents that heads name.\n";
        (int code, string output, string error) = await RunAsync();
        Assert.Equal((0, ""), (code, output));
        Assert.StartsWith(NotJudged, error, StringComparison.Ordinal);
        Assert.Equal(2, error.Count(letter => letter is '\n'));

        using var documents = new LoggedDocuments { Releases = new DocumentSet([]).Encode() };
        (_, _, error) = await RunAsync("--documents", documents.Folder);
        Assert.DoesNotContain(NotJudged, error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<(int Code, string Findings)> LookAsync(params string[] more)
    {
        (int code, string output, _) = await RunAsync(more);
        return (code, string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("finding").GetString())));
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] more) => LogProgram.RunAsync(
        _folder, ["monitor", "--trust", "trust.json", "--log", _first.Url.AbsoluteUri, "--log", _second.Url.AbsoluteUri, "--once", "--json", .. more]);
}
