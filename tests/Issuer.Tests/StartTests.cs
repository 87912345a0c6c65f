using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task A_start_without_a_key_names_the_command_that_makes_one()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        Directory.Delete(Path.Combine(issuer.Folder, "keys"), recursive: true);
        AssertRefused(await issuer.TryRunAsync("serve"), "veil-issuer keys init");
    }

    [Fact]
    public async Task A_start_without_the_spent_tokens_is_refused_while_there_are_keys()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        foreach (string file in Directory.GetFiles(issuer.Folder, "spent.db*"))
        {
            File.Delete(file);
        }

        AssertRefused(await issuer.TryRunAsync("serve"), "spent.db");
    }

    [Fact]
    public async Task A_second_first_key_is_refused()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        AssertRefused(await issuer.TryRunAsync("keys", "init"), "first key already");
    }

    [Fact]
    public async Task A_wrapping_key_of_another_ring_is_refused()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(issuer.Folder, "wrapping.key"), Convert.ToBase64String(new byte[32]), TestContext.Current.CancellationToken);
        AssertRefused(await issuer.TryRunAsync("serve"), "does not unwrap");
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("keys", "rotate")]
    public async Task Portable_arithmetic_never_signs(params string[] command)
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        issuer.Environment["VEIL_CRYPTO"] = "portable";
        (int ExitCode, string Output, string Error) ended = await issuer.TryRunAsync(command);
        AssertRefused(ended, "veil-issuer: Signing needs OpenSSL 3's libcrypto");
        Assert.Equal(string.Empty, ended.Output);
    }

    [Theory]
    [InlineData("Keys", "Grace", "400.00:00:00", "Keys:Grace")]
    [InlineData("Keys", "Notice", "8.00:00:00", "Keys:Notice")]
    [InlineData("Keys", "DirectoryMaxAge", "7.00:00:01", "Keys:DirectoryMaxAge")]
    [InlineData("Attesters", "ApiKeys", "true", "Attesters:ApiKeys")]
    [InlineData("Issuance", "Qouta", "1", "Issuance:Qouta")]
    [InlineData("Issuance", "MaxBatchTokens", "1001", "Issuance:MaxBatchTokens")]
    [InlineData("Redemption", "MaxTokensPerCall", "1001", "Redemption:MaxTokensPerCall")]
    public async Task A_wrong_setting_stops_the_start_with_its_name(string section, string key, string value, string named)
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        issuer.Configure(configuration => (configuration[section] ??= new JsonObject())[key] = value);
        AssertRefused(await issuer.TryRunAsync("serve"), named);
    }

    [Fact]
    public async Task A_gateway_without_a_proof_stops_the_start()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        issuer.Configure(configuration => configuration["Redemption"]!["Gateways"]!.AsArray().Add(new JsonObject { ["Name"] = "other" }));
        AssertRefused(await issuer.TryRunAsync("serve"), "Redemption:Gateways:1");
    }

    [Fact]
    public async Task Gateways_that_share_a_name_stop_the_start()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        issuer.Configure(configuration => configuration["Redemption"]!["Gateways"]!.AsArray().Add(
            new JsonObject { ["Name"] = "Gateway", ["TokenSha256"] = new string('a', 64) }));
        AssertRefused(await issuer.TryRunAsync("serve"), "Redemption:Gateways:1");
    }

    [Fact]
    public async Task Sigterm_ends_a_server_with_zero()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        await issuer.StartAsync();
        Assert.Equal(0, await issuer.StopAsync());
    }

    [Fact]
    public async Task A_store_that_is_gone_makes_the_server_unready_and_every_redemption_a_503()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        string apiKey = await issuer.AddAccountAsync("alice", 10);
        await issuer.StartAsync();
        using var client = new IssuerClient();
        byte[] token = (await client.DrawAsync(issuer.Address, apiKey, 1))[0];
        foreach (string file in Directory.GetFiles(issuer.Folder, "*.db*"))
        {
            File.Delete(file);
        }

        string body = IssuerClient.RedemptionBody([(token, IssuerClient.NewId())]);
        using HttpResponseMessage redeemed = await client.SendAsync(IssuerClient.RedemptionRequest(issuer.Address, IssuerProcess.GatewaySecret, body));
        using HttpResponseMessage issued = await client.SendAsync(IssuerClient.TokenRequest(issuer.Address, apiKey, new byte[259]));
        using HttpResponseMessage ready = await client.SendAsync(new(HttpMethod.Get, new Uri(issuer.Management, "/readyz")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, redeemed.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, issued.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("urn:veil:problem:store", await redeemed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), redeemed.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Commands_answer_with_one_line_of_json_when_asked()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        await issuer.AddAccountAsync("alice", 10);
        using JsonDocument accounts = JsonDocument.Parse(await issuer.RunAsync("accounts", "list", "--json"));
        Assert.Equal("alice", accounts.RootElement[0].GetProperty("name").GetString());
        using JsonDocument keys = JsonDocument.Parse(await issuer.RunAsync("keys", "list", "--json"));
        Assert.Equal("active", keys.RootElement[0].GetProperty("state").GetString());
    }

    private static void AssertRefused((int ExitCode, string Output, string Error) ended, string named)
    {
        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains(named, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.Trim().Split('\n'));
    }
}
