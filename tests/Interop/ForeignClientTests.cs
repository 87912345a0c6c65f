using System.Net;
using Veil.ClientSdk;
using Veil.DevStack;
using Veil.PrivacyPass;

namespace Veil.Interop;

/// <summary>All parties, started once: the tests' tokens are drawn by the foreign package and spent through relay, gateway and host.</summary>
public sealed class DeploymentFixture : IAsyncLifetime
{
    /// <summary>The running parties.</summary>
    public Deployment Deployment { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() =>
        Deployment = await Deployment.StartAsync(new DeploymentOptions { Record = false }, _ => { }, TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Deployment.DisposeAsync();
}

/// <summary>A client made with <c>@cloudflare/privacypass-ts</c>, our issuer, our gateway.</summary>
public sealed class ForeignClientTests(DeploymentFixture fixture) : IClassFixture<DeploymentFixture>
{
    private const int Tokens = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Type_2_tokens_that_it_draws_from_our_issuer_are_served_by_our_gateway_once()
    {
        await ForeignPackages.RequireAsync();
        string field = await ChallengeFieldAsync();
        string[] authorizations = await ForeignClient.DrawAsync(
            field, fixture.Deployment.Plan.Issuer.Url, fixture.Deployment.ApiKey, fixture.Deployment.RootFile, Tokens, "single");
        Assert.Equal(Tokens, authorizations.Length);

        Assert.All(await SpendAsync(field, authorizations), status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.All(await SpendAsync(field, authorizations), status => Assert.Equal(HttpStatusCode.Unauthorized, status));
    }

    /// <summary>What a gateway answers to a request without a token.</summary>
    private async Task<string> ChallengeFieldAsync()
    {
        VeilOptions options = fixture.Deployment.SpendingOnly(Path.Combine(fixture.Deployment.Folder, "none"));
        using var http = new HttpClient(new VeilHandler(new VeilOptions
        {
            Relay = options.Relay,
            Authority = options.Authority,
            TrustedRootsFile = options.TrustedRootsFile,
            LocalAddress = options.LocalAddress,
        }));
        using HttpResponseMessage refused = await http.GetAsync(fixture.Deployment.ServiceUrl, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        return Assert.Single(refused.Headers.WwwAuthenticate).ToString();
    }

    /// <summary>Spends each token in a request of its own.</summary>
    private async Task<List<HttpStatusCode>> SpendAsync(string field, string[] authorizations)
    {
        Assert.True(PrivateTokenChallenge.TryParse(field, out IReadOnlyList<PrivateTokenChallenge>? asked, out _));
        byte[] challenge = Assert.Single(asked).Challenge.ToArray();
        string walletFile = Path.Combine(fixture.Deployment.Folder, $"wallet-{Guid.NewGuid():N}");
        using (var wallet = new TokenWallet(walletFile))
        {
            await wallet.AddAsync([.. authorizations.Select(authorization => Read(authorization, challenge))], Cancellation);
        }

        using var http = new HttpClient(new VeilHandler(fixture.Deployment.SpendingOnly(walletFile)));
        var statuses = new List<HttpStatusCode>();
        foreach (string _ in authorizations)
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(fixture.Deployment.ServiceUrl, "/v1/models"), Cancellation);
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
