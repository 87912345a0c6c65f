using System.Text.Json.Nodes;
using Veil.PrivacyPass;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class RotationTests
{
    [Fact]
    public async Task Keys_rotate_under_load_on_schedule_without_one_failed_request()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync(configuration =>
        {
            JsonNode keys = configuration["Keys"]!;
            keys["EpochLength"] = "00:00:10";
            keys["Notice"] = "00:00:05";
            keys["Grace"] = "00:00:10";
            keys["DirectoryMaxAge"] = "00:00:08";
        });
        string apiKey = await issuer.AddAccountAsync("alice", 1_000_000);
        await issuer.StartAsync();
        using var client = new IssuerClient();
        var keyIds = new HashSet<string>();
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        int redeemed = 0;
        (byte[] Token, byte[] Id)? early = null;

        // One client that caches the directory for two seconds, while two takeovers pass.
        DateTimeOffset fetched = DateTimeOffset.UtcNow;
        TokenPublicKey key = await client.KeyAsync(issuer.Address);
        while (keyIds.Count < 3 && !enough.IsCancellationRequested)
        {
            if (DateTimeOffset.UtcNow - fetched > TimeSpan.FromSeconds(2))
                (fetched, key) = (DateTimeOffset.UtcNow, await client.KeyAsync(issuer.Address));
            keyIds.Add(Convert.ToHexString(key.KeyId));
            byte[]? token = await client.DrawOneAsync(issuer.Address, apiKey, key);
            Assert.True(token is not null, client.LastRefusal + issuer.Output);
            if (early is null)
            {
                early = (token!, IssuerClient.NewId());
                continue;
            }

            Assert.Equal(["accepted"], await client.RedeemAsync(issuer.Address, [(token!, IssuerClient.NewId())]));
            redeemed++;
        }

        Assert.Equal(3, keyIds.Count);
        Assert.True(redeemed > 10);
        Assert.InRange((await client.DirectoryAsync(issuer.Address)).TokenKeys.Count, 1, IssuerDirectory.MaxKeysOfType);
        Assert.Contains("KeyRotation.KeysChanged", issuer.Output, StringComparison.Ordinal);

        // Two epochs later the first token's key is out of grace: never accepted any more.
        string verdict = "accepted";
        while (verdict != "expired" && !enough.IsCancellationRequested)
        {
            (byte[] token, _) = early!.Value;
            verdict = (await client.RedeemAsync(issuer.Address, [(token, IssuerClient.NewId())]))[0];
            Assert.Contains(verdict, (string[])["accepted", "spent", "expired"]);
        }

        Assert.Equal("expired", verdict);
    }

    [Fact]
    public async Task A_rotation_by_command_reaches_a_running_server_and_old_tokens_stay_good()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        string apiKey = await issuer.AddAccountAsync("alice", 100);
        await issuer.StartAsync();
        using var client = new IssuerClient();
        byte[] old = (await client.DrawAsync(issuer.Address, apiKey, 1))[0];
        string before = Convert.ToHexString((await client.KeyAsync(issuer.Address)).KeyId);
        await issuer.RunAsync("keys", "rotate");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Convert.ToHexString((await client.KeyAsync(issuer.Address)).KeyId) == before)
        {
            await Task.Delay(100, deadline.Token);
        }

        Assert.Single(await client.DrawAsync(issuer.Address, apiKey, 1));
        Assert.Equal(["accepted"], await client.RedeemAsync(issuer.Address, [(old, IssuerClient.NewId())]));
    }
}
