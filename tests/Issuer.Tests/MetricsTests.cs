using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed partial class MetricsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_running_issuer_counts_and_measures_what_it_does_and_names_nobody()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        string apiKey = await issuer.AddAccountAsync("c4n4ry", 3);
        await issuer.StartAsync();
        using var client = new IssuerClient();
        List<byte[]> tokens = await client.DrawAsync(issuer.Address, apiKey, 3);
        Assert.Null(await client.DrawOneAsync(issuer.Address, apiKey, await client.KeyAsync(issuer.Address)));
        await client.RedeemAsync(issuer.Address, tokens.Select(token => (token, IssuerClient.NewId())));
        await client.RedeemAsync(issuer.Address, [(tokens[0], IssuerClient.NewId()), ([1], IssuerClient.NewId())]);
        using (await client.SendAsync(new(HttpMethod.Get, new Uri(issuer.Address, "/c4n4ry?q=c4n4ry"))))
        {
        }

        // A request is counted when it is over, which is a moment after its answer has arrived.
        string metrics = "";
        var waited = Stopwatch.StartNew();
        while (!metrics.Contains("veil_issuer_redemption_duration_seconds_count 2\n", StringComparison.Ordinal) && waited.Elapsed < Patience)
        {
            using HttpResponseMessage answer = await client.SendAsync(new(HttpMethod.Get, new Uri(issuer.Management, "/metrics")));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            metrics = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }

        foreach (string line in (string[])
        [
            "veil_issuer_tokens_issued_total{token_type=\"2\"} 3",
            "veil_issuer_requests_refused_total{problem=\"urn:veil:problem:quota\"} 1",
            "veil_issuer_requests_refused_total{problem=\"urn:veil:problem:nothing-here\"} 1",
            "veil_issuer_tokens_redeemed_total{verdict=\"Accepted\"} 3",
            "veil_issuer_tokens_redeemed_total{verdict=\"Spent\"} 1",
            "veil_issuer_tokens_redeemed_total{verdict=\"Invalid\"} 1",
            "veil_issuer_issuance_duration_seconds_count 4",
            "veil_issuer_redemption_duration_seconds_count 2",
            "veil_issuer_store_duration_seconds_count{store=\"quota\"} 4",
            "veil_issuer_keys{state=\"active\"} 1",
            "veil_issuer_keys{state=\"grace\"} 0",
        ])
        {
            Assert.Contains(line + "\n", metrics, StringComparison.Ordinal);
        }

        Assert.Matches(new Regex("^veil_issuer_store_duration_seconds_count\\{store=\"spent\"\\} [1-9]", RegexOptions.Multiline), metrics);
        Assert.Matches(new Regex("^veil_issuer_key_age_seconds [0-9.E+-]+$", RegexOptions.Multiline), metrics);
        Assert.All(metrics.TrimEnd('\n').Split('\n'), line => Assert.Matches(ExpositionLine(), line));
        foreach (string canary in (string[])["c4n4ry", "gateway", .. apiKey.Split('-')[1..], .. tokens.Select(Convert.ToHexStringLower)])
        {
            Assert.DoesNotContain(canary, metrics, StringComparison.OrdinalIgnoreCase);
        }
    }

    [GeneratedRegex("""^(# HELP [a-z_]+ .+|# TYPE [a-z_]+ (counter|gauge|histogram)|[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? -?[0-9.E+-]+)$""")]
    private static partial Regex ExpositionLine();
}
