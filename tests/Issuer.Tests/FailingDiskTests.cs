using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Issuer.Tests.Rig;
using Veil.PrivacyPass;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

/// <summary>A running issuer under whose stores the disk fails: what it tells its callers, and that they have lost nothing when the disk is well again.</summary>
public sealed class FailingDiskTests
{
    private const int Quota = 100;
    private const int HeldTokens = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_is_a_503_to_both_sides_and_costs_neither_a_token_nor_quota()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync();
        await using Callers callers = await Callers.StartAsync(disk);

        await callers.CallUntilRefusedAsync();
        Assert.Contains("database or disk is full", callers.IssuerOutput, StringComparison.Ordinal);

        disk.Free();
        await callers.AssertNothingIsLostAsync();
    }

    /// <summary>What is open stays writable, so a store meets the change when it opens its file anew, as it does after every failure: here a full disk.</summary>
    [Fact]
    public async Task A_read_only_database_is_a_503_to_both_sides_and_costs_neither_a_token_nor_quota()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync();
        await using Callers callers = await Callers.StartAsync(disk);

        await callers.CallUntilRefusedAsync();
        await disk.MakeReadOnlyAsync();
        disk.Free();
        await callers.AssertRefusedAsync();
        Assert.Contains("readonly database", callers.IssuerOutput, StringComparison.Ordinal);

        await disk.MakeWritableAsync();
        await callers.AssertNothingIsLostAsync();
    }

    /// <summary>A gateway with tokens to redeem and a client with an account, who count what they were given.</summary>
    private sealed class Callers : IAsyncDisposable
    {
        private readonly SmallDisk _disk;
        private readonly IssuerProcess _issuer;
        private readonly IssuerClient _client = new();
        private readonly Queue<byte[]> _held = [];
        private readonly List<byte[]> _redeemed = [];
        private string _apiKey = "";
        private TokenPublicKey? _key;
        private int _drawn;

        /// <summary>The redemption that heard no verdict; it is called again with the same id.</summary>
        private (byte[] Token, byte[] Id) _open;

        private Callers(SmallDisk disk, IssuerProcess issuer) => (_disk, _issuer) = (disk, issuer);

        public string IssuerOutput => _issuer.Output;

        public static async Task<Callers> StartAsync(SmallDisk disk)
        {
            IssuerProcess issuer = await IssuerProcess.CreateAsync(configuration => configuration["Stores"] = new JsonObject
            {
                ["Accounts"] = Path.Combine(disk.Folder, "accounts.db"),
                ["Spent"] = Path.Combine(disk.Folder, "spent.db"),
            });
            var callers = new Callers(disk, issuer);
            try
            {
                callers._apiKey = await issuer.AddAccountAsync("alice", Quota);
                await issuer.StartAsync();
                callers._key = await callers._client.KeyAsync(issuer.Address);
                foreach (byte[] token in await callers._client.DrawAsync(issuer.Address, callers._apiKey, HeldTokens))
                {
                    callers._held.Enqueue(token);
                }

                callers._drawn = HeldTokens;
                return callers;
            }
            catch
            {
                await callers.DisposeAsync();
                throw;
            }
        }

        /// <summary>
        /// Fills the disk under both stores until each refuses. A store that closes its file gives back the pages of its log, so that a call may still find room, and then it counts.
        /// </summary>
        public async Task CallUntilRefusedAsync()
        {
            for (_disk.Fill(); await TryRedeemAsync(_held.Dequeue(), IssuerClient.NewId()); _disk.Fill())
            {
                Assert.NotEmpty(_held);
            }

            for (_disk.Fill(); await TryDrawAsync(); _disk.Fill())
            {
                Assert.True(_drawn < Quota);
            }

            await AssertReadyAsync(HttpStatusCode.ServiceUnavailable);
        }

        /// <summary>Both calls are refused again, and readiness says so.</summary>
        public async Task AssertRefusedAsync()
        {
            Assert.False(await TryRedeemAsync(_open.Token, _open.Id));
            Assert.False(await TryDrawAsync());
            await AssertReadyAsync(HttpStatusCode.ServiceUnavailable);
        }

        /// <summary>The very next calls succeed; then every token is accepted exactly once, and the account draws all of its quota and no more.</summary>
        public async Task AssertNothingIsLostAsync()
        {
            Assert.True(await TryRedeemAsync(_open.Token, _open.Id));
            Assert.True(await TryDrawAsync());
            await AssertReadyAsync(HttpStatusCode.OK);

            Assert.All(
                await _client.RedeemAsync(_issuer.Address, _redeemed.Select(token => (token, IssuerClient.NewId()))),
                verdict => Assert.Equal("spent", verdict));
            Assert.All(
                await _client.RedeemAsync(_issuer.Address, _held.Select(token => (token, IssuerClient.NewId()))),
                verdict => Assert.Equal("accepted", verdict));
            while (_drawn < Quota)
            {
                Assert.True(await TryDrawAsync());
            }

            using HttpResponseMessage overdrawn = await AskForTokenAsync();
            Assert.Equal(HttpStatusCode.TooManyRequests, overdrawn.StatusCode);
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await _issuer.DisposeAsync();
        }

        /// <summary>False for the documented refusal; any other answer than acceptance fails the test.</summary>
        private async Task<bool> TryRedeemAsync(byte[] token, byte[] id)
        {
            string body = IssuerClient.RedemptionBody([(token, id)]);
            using HttpResponseMessage answer = await _client.SendAsync(IssuerClient.RedemptionRequest(_issuer.Address, IssuerProcess.GatewaySecret, body));
            if (answer.StatusCode is not HttpStatusCode.OK)
            {
                await AssertStoreProblemAsync(answer);
                _open = (token, id);
                return false;
            }

            Assert.Contains("\"accepted\"", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
            _redeemed.Add(token);
            return true;
        }

        private async Task<bool> TryDrawAsync()
        {
            using HttpResponseMessage answer = await AskForTokenAsync();
            if (answer.StatusCode is not HttpStatusCode.OK)
            {
                await AssertStoreProblemAsync(answer);
                return false;
            }

            _drawn++;
            return true;
        }

        private async Task<HttpResponseMessage> AskForTokenAsync()
        {
            Assert.True(PendingToken.TryCreate(_key!, IssuerClient.Challenge, out PendingToken? pending, out _));
            using (pending)
            {
                return await _client.SendAsync(IssuerClient.TokenRequest(_issuer.Address, _apiKey, pending.TokenRequest.ToArray()));
            }
        }

        private async Task AssertReadyAsync(HttpStatusCode expected)
        {
            using HttpResponseMessage ready = await _client.SendAsync(new(HttpMethod.Get, new Uri(_issuer.Management, "/readyz")));
            Assert.Equal(expected, ready.StatusCode);
        }

        private static async Task AssertStoreProblemAsync(HttpResponseMessage answer)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
            using JsonDocument problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Cancellation));
            Assert.Equal("urn:veil:problem:store", problem.RootElement.GetProperty("type").GetString());
        }
    }
}
