using System.Net;
using Veil.ClientSdk;
using Veil.DevStack;
using Veil.PrivacyPass;

namespace Veil.Interop;

/// <summary>A client made with <c>@cloudflare/privacypass-ts</c>, our issuer, our gateway: tokens are spent through relay, gateway, issuer and host.</summary>
public sealed class ForeignClientTests
{
    private const int Tokens = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, "single", "generic", "amortized")]
    [InlineData(2, "single", "generic")]
    [InlineData(5, "single", "amortized")]
    public async Task Tokens_that_it_draws_from_our_issuer_are_served_by_our_gateway_once(ushort type, params string[] ways)
    {
        await ForeignPackages.RequireAsync();
        Assert.SkipWhen(TokenType.Find(type) is null, "Tokens of type 5 need libsodium, which is not here.");
        await using Deployment deployment = await Deployment.StartAsync(new DeploymentOptions { Record = false, TokenType = type }, _ => { }, Cancellation);
        string field = await ChallengeFieldAsync(deployment);
        foreach (string way in ways)
        {
            string[] authorizations = await ForeignClient.DrawAsync(field, deployment.Plan.Issuer.Url, deployment.ApiKey, deployment.RootFile, Tokens, way);
            Assert.Equal(Tokens, authorizations.Length);
            Assert.All(await SpendAsync(deployment, field, authorizations), status => Assert.Equal(HttpStatusCode.OK, status));
            Assert.All(await SpendAsync(deployment, field, authorizations), status => Assert.Equal(HttpStatusCode.Unauthorized, status));
        }
    }

    /// <summary>What a gateway answers to a request without a token.</summary>
    private static async Task<string> ChallengeFieldAsync(Deployment deployment)
    {
        VeilOptions options = deployment.SpendingOnly(Path.Combine(deployment.Folder, "none"));
        using var http = new HttpClient(new VeilHandler(new VeilOptions
        {
            Relay = options.Relay,
            Authority = options.Authority,
            TrustedRootsFile = options.TrustedRootsFile,
            TrustBundleFile = options.TrustBundleFile,
            WithoutLog = options.WithoutLog,
            LocalAddress = options.LocalAddress,
        }));
        using HttpResponseMessage refused = await http.GetAsync(deployment.ServiceUrl, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        return Assert.Single(refused.Headers.WwwAuthenticate).ToString();
    }

    /// <summary>Spends each token in a request of its own.</summary>
    private static async Task<List<HttpStatusCode>> SpendAsync(Deployment deployment, string field, string[] authorizations)
    {
        Assert.True(PrivateTokenChallenge.TryParse(field, out IReadOnlyList<PrivateTokenChallenge>? asked, out _));
        byte[] challenge = Assert.Single(asked).Challenge.ToArray();
        string walletFile = Path.Combine(deployment.Folder, $"wallet-{Guid.NewGuid():N}");
        using (var wallet = new TokenWallet(walletFile))
        {
            await wallet.AddAsync([.. authorizations.Select(authorization => Read(authorization, challenge))], Cancellation);
        }

        using var http = new HttpClient(new VeilHandler(deployment.SpendingOnly(walletFile)));
        var statuses = new List<HttpStatusCode>();
        foreach (string _ in authorizations)
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(deployment.ServiceUrl, "/v1/models"), Cancellation);
            statuses.Add(answer.StatusCode);
        }

        return statuses;
    }

    private static WalletToken Read(string authorization, byte[] challenge)
    {
        Assert.True(PrivateTokenAuthorization.TryParse(authorization, out Token? token, out PrivacyPassError error), error.ToString());
        return new WalletToken(TokenKind.Of(challenge, token.KeyId), token.Encoded.ToArray());
    }
}
