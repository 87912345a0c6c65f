using System.Text.Json;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class KeysPlanTests
{
    [Fact]
    public async Task A_plan_shows_what_the_schedule_will_do_and_does_nothing()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        string before = await issuer.RunAsync("keys", "list");
        using JsonDocument plan = JsonDocument.Parse(await issuer.RunAsync("keys", "plan", "--for", "28.00:00:00", "--json"));
        string[] changes = [.. plan.RootElement.GetProperty("changes").EnumerateArray().Select(change => $"{change.GetProperty("serial")} {change.GetProperty("change").GetString()}")];
        Assert.Subset(new HashSet<string>(changes), new HashSet<string> { "2 announced", "2 takes over", "1 grace ends", "3 announced", "3 takes over", "2 grace ends" });
        Assert.Equal(0, plan.RootElement.GetProperty("problems").GetArrayLength());
        Assert.Contains("takes over", await issuer.RunAsync("keys", "plan"), StringComparison.Ordinal);
        Assert.Equal(before, await issuer.RunAsync("keys", "list"));
    }

    [Fact]
    public async Task A_broken_rule_ends_a_plan_with_one_and_a_sentence()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync(configuration =>
        {
            configuration["Keys"]!["Notice"] = "00:30:00";
            configuration["Keys"]!["DirectoryMaxAge"] = "01:00:00";
        });
        (int exitCode, string output, string error) = await issuer.TryRunAsync("keys", "plan");
        Assert.Equal(1, exitCode);
        Assert.Contains("PROBLEM  key 2 takes over", output, StringComparison.Ordinal);
        Assert.Equal("", error);
    }

    [Fact]
    public async Task A_ring_without_a_key_is_a_gap()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        Directory.Delete(Path.Combine(issuer.Folder, "keys"), recursive: true);
        Assert.Equal(1, (await issuer.TryRunAsync("keys", "plan")).ExitCode);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1.00:00:00")]
    [InlineData("00:00:00")]
    [InlineData("9999999.00:00:00")]
    public async Task A_length_that_is_none_is_refused_in_one_line(string length)
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        (int exitCode, _, string error) = await issuer.TryRunAsync("keys", "plan", "--for=" + length);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("--for", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }
}
