using System.Net.Http.Headers;
using Veil.ClientSdk;
using Veil.DevStack;
using Veil.PrivacyPass;

namespace Veil.Interop;

/// <summary>Our client, an issuer made with <c>@cloudflare/privacypass-ts</c>.</summary>
public sealed class OurClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_draws_type_2_tokens_from_a_foreign_issuer()
    {
        await ForeignPackages.RequireAsync();
        using ForeignIssuer issuer = await ForeignIssuer.StartAsync(2);
        TokenPublicKey key = await KeyAsync(issuer, 2);
        TokenChallenge challenge = TokenChallenge.Create(2, issuer.Address.Authority, [], "gateway.example");
        for (int i = 0; i < 3; i++)
        {
            Assert.True(PendingToken.TryCreate(key, challenge, out PendingToken? pending, out _));
            using (pending)
            {
                byte[] response = await PostAsync(issuer, PrivacyPassMediaTypes.TokenRequest, PrivacyPassMediaTypes.TokenResponse, pending.TokenRequest.ToArray());
                Assert.True(pending.TryFinalize(response, out Token? token, out PrivacyPassError error), error.ToString());
                Assert.True(key.Verify(token));
            }
        }
    }

    [Fact]
    public async Task The_whole_client_fills_its_wallet_from_a_foreign_issuer_that_its_gateway_names()
    {
        const int Tokens = 6;
        await ForeignPackages.RequireAsync();
        using ForeignIssuer issuer = await ForeignIssuer.StartAsync(2);
        await using Deployment deployment = await Deployment.StartAsync(
            new DeploymentOptions
            {
                Record = false,
                Environment = new Dictionary<string, string> { ["Tokens__Issuer"] = issuer.Address.ToString(), ["Tokens__Tls__TrustedRootsFile"] = issuer.RootFile },
            },
            _ => { },
            Cancellation);
        string roots = Path.Combine(deployment.Folder, "roots.pem");
        await File.WriteAllTextAsync(roots, await File.ReadAllTextAsync(deployment.RootFile, Cancellation) + "\n" + await File.ReadAllTextAsync(issuer.RootFile, Cancellation), Cancellation);
        VeilOptions own = deployment.ClientOptions(tokens: Tokens);
        using var handler = new VeilHandler(new VeilOptions
        {
            Relay = own.Relay,
            Authority = own.Authority,
            Issuer = issuer.Address,
            ApiKey = own.ApiKey,
            WalletFile = own.WalletFile,
            TrustedRootsFile = roots,
            LocalAddress = own.LocalAddress,
            TokenTarget = Tokens,
            TokenReserve = 1,

            // The package signs in JavaScript: a quarter of a second a token on a machine that does nothing else.
            DocumentTimeout = TimeSpan.FromMinutes(5),
        });
        Assert.Equal(Tokens, await handler.Tokens!.FillAsync(Cancellation));
    }

    private static async Task<TokenPublicKey> KeyAsync(ForeignIssuer issuer, ushort type)
    {
        byte[] document = await issuer.Http.GetByteArrayAsync(new Uri(issuer.Address, IssuerDirectory.WellKnownPath), Cancellation);
        Assert.True(IssuerDirectory.TryParse(document, out IssuerDirectory? directory, out PrivacyPassError error), error.ToString());
        Assert.True(directory.TryFindUsable(type, DateTimeOffset.UtcNow, out TokenPublicKey? key, out error), error.ToString());
        return key;
    }

    private static async Task<byte[]> PostAsync(ForeignIssuer issuer, string mediaType, string answerType, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
        using HttpResponseMessage response = await issuer.Http.PostAsync(new Uri(issuer.Address, "/token-request"), content, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(answerType, response.Content.Headers.ContentType!.MediaType);
        return await response.Content.ReadAsByteArrayAsync(Cancellation);
    }
}
