using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using Veil.Proofs.Databases;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

/// <summary>The issuer's program with everything that it remembers in PostgreSQL.</summary>
public sealed class PostgresIssuerTests(SharedPostgres postgres)
{
    [Fact]
    public async Task Replicas_share_keys_accounts_and_spent_tokens()
    {
        await using IssuerProcess first = await CreateAsync(await Databases());
        string apiKey = await first.AddAccountAsync("alice", 10);
        Assert.Empty(Directory.GetFiles(first.Folder, "*.db"));
        Assert.False(Directory.Exists(Path.Combine(first.Folder, "keys")));
        await using IssuerProcess second = first.Replica();
        await first.StartAsync();
        await second.StartAsync();
        using var client = new IssuerClient();
        Assert.Equal((await client.KeyAsync(first.Address)).KeyId.ToArray(), (await client.KeyAsync(second.Address)).KeyId.ToArray());

        byte[] token = (await client.DrawAsync(first.Address, apiKey, 1))[0];
        byte[] id = IssuerClient.NewId();
        Assert.Equal(["accepted"], await client.RedeemAsync(second.Address, [(token, id)]));
        Assert.Equal(["accepted"], await client.RedeemAsync(first.Address, [(token, id)]));
        Assert.Equal(["spent"], await client.RedeemAsync(first.Address, [(token, IssuerClient.NewId())]));
        Assert.Contains("active", await first.RunAsync("keys", "list"), StringComparison.Ordinal);
        Assert.Contains("is active now", await first.RunAsync("keys", "rotate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_goes_away_makes_the_issuer_unready_and_one_that_returns_makes_it_ready()
    {
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        await using IssuerProcess issuer = await CreateAsync([await cluster.CreateDatabaseAsync(), await cluster.CreateDatabaseAsync(), await cluster.CreateDatabaseAsync()]);
        string apiKey = await issuer.AddAccountAsync("alice", 10);
        await issuer.StartAsync();
        using var client = new IssuerClient();
        byte[] token = (await client.DrawAsync(issuer.Address, apiKey, 1))[0];
        string body = IssuerClient.RedemptionBody([(token, IssuerClient.NewId())]);
        await cluster.KillAsync();
        using (HttpResponseMessage refused = await client.SendAsync(IssuerClient.RedemptionRequest(issuer.Address, IssuerProcess.GatewaySecret, body)))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Contains("urn:veil:problem:store", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        await Until(client, issuer, HttpStatusCode.ServiceUnavailable);
        await cluster.RestartAsync();
        await Until(client, issuer, HttpStatusCode.OK);
        using HttpResponseMessage accepted = await client.SendAsync(IssuerClient.RedemptionRequest(issuer.Address, IssuerProcess.GatewaySecret, body));
        Assert.Equal("{\"verdicts\":[\"accepted\"]}", await accepted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.DoesNotContain("Password", issuer.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_start_on_a_database_without_spent_tokens_or_one_that_loses_them_is_refused_in_one_line()
    {
        string[] databases = await Databases();
        await using IssuerProcess issuer = await CreateAsync(databases);
        string spent = databases[1];
        await Execute(spent, $"ALTER DATABASE {new NpgsqlConnectionStringBuilder(spent).Database} SET synchronous_commit = off");
        AssertRefused(await issuer.TryRunAsync("serve"), "synchronous_commit is off");
        await Execute(spent, $"ALTER DATABASE {new NpgsqlConnectionStringBuilder(spent).Database} RESET synchronous_commit");
        await Execute(spent, "DROP TABLE veil_schema");
        AssertRefused(await issuer.TryRunAsync("serve"), "keys init");
    }

    [Fact]
    public async Task One_database_for_accounts_and_spent_tokens_is_refused()
    {
        string[] databases = await Databases();
        await using IssuerProcess issuer = await CreateAsync(databases);
        issuer.Configure(configuration => Place(configuration, [databases[0], databases[0], databases[2]]));
        AssertRefused(await issuer.TryRunAsync("serve"), "Stores:SpentPostgres");
    }

    private static void AssertRefused((int ExitCode, string Output, string Error) ended, string named)
    {
        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains(named, ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.Trim().Split('\n'));
    }

    private static async Task Until(IssuerClient client, IssuerProcess issuer, HttpStatusCode wanted)
    {
        for (int attempt = 0; attempt < 1200; attempt++)
        {
            using HttpResponseMessage ready = await client.SendAsync(new(HttpMethod.Get, new Uri(issuer.Management, "/readyz")));
            if (ready.StatusCode == wanted)
                return;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"/readyz did not become {wanted} within a minute.");
    }

    private static Task<IssuerProcess> CreateAsync(string[] databases) => IssuerProcess.CreateAsync(configuration => Place(configuration, databases));

    private static void Place(JsonObject configuration, string[] databases)
    {
        configuration["Stores"] = new JsonObject { ["AccountsPostgres"] = At(databases[0]), ["SpentPostgres"] = At(databases[1]) };
        configuration["Keys"]!["Store"] = new JsonObject { ["Postgres"] = At(databases[2]), ["WrappingKeyFile"] = "wrapping.key" };
    }

    private static JsonObject At(string connectionString) => new() { ["ConnectionString"] = connectionString, ["Timeout"] = "00:00:30" };

    private static async Task Execute(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private async Task<string[]> Databases()
    {
        Assert.SkipWhen(SharedPostgres.Unavailable is not null, SharedPostgres.Unavailable ?? "");
        return [await postgres.CreateDatabaseAsync(), await postgres.CreateDatabaseAsync(), await postgres.CreateDatabaseAsync()];
    }
}
