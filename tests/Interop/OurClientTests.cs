using System.Net.Http.Headers;
using Veil.ClientSdk;
using Veil.DevStack;
using Veil.PrivacyPass;

namespace Veil.Interop;

/// <summary>Our client, an issuer made with <c>@cloudflare/privacypass-ts</c>.</summary>
public sealed class OurClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task It_draws_tokens_one_by_one_from_a_foreign_issuer(ushort type)
    {
        using ForeignIssuer issuer = await StartAsync(type);
        TokenPublicKey key = await KeyAsync(issuer, type);
        for (int i = 0; i < 3; i++)
        {
            using PendingToken pending = Blind(key, issuer);
            byte[] response = await PostAsync(issuer, PrivacyPassMediaTypes.TokenRequest, PrivacyPassMediaTypes.TokenResponse, pending.TokenRequest.ToArray());
            Assert.True(pending.TryFinalize(response, out Token? token, out PrivacyPassError error), error.ToString());
            Assert.True(key.KeyId.SequenceEqual(token.KeyId));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task It_draws_a_batch_of_one_key_from_a_foreign_issuer(ushort type)
    {
        const int Count = 5;
        using ForeignIssuer issuer = await StartAsync(type);
        Assert.True(PendingBatch.TryCreate(await KeyAsync(issuer, type), Challenge(type, issuer), Count, out PendingBatch? pending, out _));
        using (pending)
        {
            byte[] response = await PostAsync(issuer, pending.RequestMediaType, pending.ResponseMediaType, pending.Request.ToArray());
            Assert.True(pending.TryFinalize(response, out IReadOnlyList<Token>? tokens, out PrivacyPassError error), error.ToString());
            Assert.Equal(Count, tokens.Count);
        }
    }

    [Fact]
    public async Task It_draws_tokens_of_two_types_in_one_batch_from_a_foreign_issuer()
    {
        using ForeignIssuer issuer = await StartAsync(1, 2);
        TokenPublicKey[] keys = [await KeyAsync(issuer, 1), await KeyAsync(issuer, 2), await KeyAsync(issuer, 1)];
        using var pending = new GenericPendingBatch(keys.Select(key => Blind(key, issuer)));
        byte[] response = await PostAsync(issuer, pending.RequestMediaType, pending.ResponseMediaType, pending.Request.ToArray());
        Assert.True(pending.TryFinalize(response, out IReadOnlyList<Token>? tokens, out PrivacyPassError error), error.ToString());
        Assert.Equal([1, 2, 1], tokens.Select(token => (int)token.Type.Id));
    }

    [Fact]
    public async Task The_whole_client_fills_its_wallet_from_a_foreign_issuer_that_its_gateway_names()
    {
        const int Tokens = 6;
        using ForeignIssuer issuer = await StartAsync(2);
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
            TrustBundleFile = own.TrustBundleFile,
            WithoutLog = own.WithoutLog,
            LocalAddress = own.LocalAddress,
            TokenTarget = Tokens,
            TokenReserve = 1,

            // The package signs in JavaScript: a quarter of a second a token on a machine that does nothing else.
            DocumentTimeout = TimeSpan.FromMinutes(5),
        });
        Assert.Equal(Tokens, await handler.Tokens!.FillAsync(Cancellation));
    }

    private static async Task<ForeignIssuer> StartAsync(params ushort[] types)
    {
        await ForeignPackages.RequireAsync();
        Assert.SkipWhen(types.Any(type => TokenType.Find(type) is null), "Tokens of type 5 need libsodium, which is not here.");
        return await ForeignIssuer.StartAsync(types);
    }

    private static PendingToken Blind(TokenPublicKey key, ForeignIssuer issuer)
    {
        Assert.True(PendingToken.TryCreate(key, Challenge(key.Type.Id, issuer), out PendingToken? pending, out _));
        return pending;
    }

    private static TokenChallenge Challenge(ushort type, ForeignIssuer issuer) => TokenChallenge.Create(type, issuer.Address.Authority, [], "gateway.example");

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
