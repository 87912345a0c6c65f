using System.Text.Json.Nodes;
using Veil.PrivacyPass;
using Veil.Proofs.Databases;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class ReplicatedQuotaTests(SharedPostgres postgres)
{
    private const int Limit = 60;

    [Fact]
    public async Task Two_issuers_on_one_database_grant_an_account_its_quota_together_and_not_one_token_more()
    {
        Assert.SkipWhen(SharedPostgres.Unavailable is not null, SharedPostgres.Unavailable ?? "");
        string accounts = await postgres.CreateDatabaseAsync();
        string spent = await postgres.CreateDatabaseAsync();
        await using IssuerProcess first = await IssuerProcess.CreateAsync(configuration => configuration["Stores"] = new JsonObject
        {
            ["AccountsPostgres"] = new JsonObject { ["ConnectionString"] = accounts, ["Timeout"] = "00:00:30" },
            ["SpentPostgres"] = new JsonObject { ["ConnectionString"] = spent, ["Timeout"] = "00:00:30" },
        });
        string alice = await first.AddAccountAsync("alice", Limit);
        string bob = await first.AddAccountAsync("bob", 1);
        await using IssuerProcess second = first.Replica();
        await first.StartAsync();
        await second.StartAsync();

        using var client = new IssuerClient();
        TokenPublicKey key = await client.KeyAsync(first.Address);
        int granted = 0;
        await Parallel.ForAsync(0, 2 * Limit, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (draw, _) =>
        {
            if (await client.DrawOneAsync(draw % 2 == 0 ? first.Address : second.Address, alice, key) is not null)
                Interlocked.Increment(ref granted);
        });
        Assert.Equal(Limit, granted);
        Assert.Contains("urn:veil:problem:quota", client.LastRefusal, StringComparison.Ordinal);

        // A disabled account is known to both at once.
        Assert.Single(await client.DrawAsync(second.Address, bob, 1));
        await first.RunAsync("accounts", "disable", "bob");
        foreach (IssuerProcess replica in (IssuerProcess[])[first, second])
        {
            Assert.Null(await client.DrawOneAsync(replica.Address, bob, key));
            Assert.Contains("urn:veil:problem:account-disabled", client.LastRefusal, StringComparison.Ordinal);
        }
    }
}
