using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Issuer.Tests.Rig;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class OpenIdConnectTests(OpenIdConnectIssuer rig) : IClassFixture<OpenIdConnectIssuer>
{
    [Theory]
    [InlineData("first")]
    [InlineData("pss")]
    [InlineData("curve")]
    public async Task A_token_of_the_provider_draws(string keyId) =>
        Assert.Single(await rig.Client.DrawAsync(rig.Issuer.Address, IdentityProvider.Token(rig.Provider.Claims("holder of " + keyId), Key(keyId)), 1));

    [Fact]
    public async Task An_api_key_draws_beside_it() =>
        Assert.Single(await rig.Client.DrawAsync(rig.Issuer.Address, await rig.Issuer.AddAccountAsync("api", quota: 1), 1));

    [Fact]
    public async Task An_access_token_and_a_list_of_audiences_are_taken()
    {
        JsonObject claims = rig.Provider.Claims("access");
        claims["aud"] = new JsonArray("another", IdentityProvider.Audience);
        string token = IdentityProvider.Token(claims, Key("first"), new JsonObject { ["alg"] = "RS256", ["kid"] = "first", ["typ"] = "at+jwt" });
        Assert.Single(await rig.Client.DrawAsync(rig.Issuer.Address, token, 1));
    }

    public static TheoryData<string> Bad => new(
        "expired", "expires never", "expires in a text", "expires beyond time", "not yet", "another audience", "no audience", "another issuer", "no issuer", "no subject", "an endless subject",
        "unsigned", "a shared secret", "an unknown key", "another key's signature", "a changed claim", "an algorithm that is not taken", "the key of another algorithm",
        "a weak key", "an extension that must be understood", "a logout token", "encrypted", "no key id", "half a token", "no json", "a list");

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_token_that_is_not_good_is_refused(string how)
    {
        JsonObject claims = rig.Provider.Claims("mallory");
        var header = new JsonObject { ["alg"] = "RS256", ["kid"] = "first" };
        ProviderKey key = Key("first");
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string token = how switch
        {
            "expired" => Token(("exp", now - 120)),
            "expires never" => Token(("exp", null)),
            "expires in a text" => Token(("exp", "tomorrow")),
            "expires beyond time" => Token(("exp", -1)),
            "not yet" => Token(("nbf", now + 600)),
            "another audience" => Token(("aud", "another")),
            "no audience" => Token(("aud", null)),
            "another issuer" => Token(("iss", "https://another.example")),
            "no issuer" => Token(("iss", null)),
            "no subject" => Token(("sub", null)),
            "an endless subject" => Token(("sub", new string('s', 256))),
            "unsigned" => $"{Encode("{\"alg\":\"none\"}")}.{Encode(claims.ToJsonString())}.",
            "a shared secret" => SharedSecret(claims, key),
            "an unknown key" => Token(header: ("kid", "unknown")),
            "another key's signature" => IdentityProvider.Token(claims, key, new JsonObject { ["alg"] = "RS256", ["kid"] = "pss" }),
            "a changed claim" => Changed(IdentityProvider.Token(claims, key)),
            "an algorithm that is not taken" => IdentityProvider.Token(claims, Key("long")),
            "the key of another algorithm" => IdentityProvider.Token(claims, Key("pss"), new JsonObject { ["alg"] = "RS256", ["kid"] = "pss" }),
            "a weak key" => IdentityProvider.Token(claims, Key("weak")),
            "an extension that must be understood" => Token(header: ("crit", new JsonArray("exp"))),
            "a logout token" => Token(header: ("typ", "logout+jwt")),
            "encrypted" => string.Join('.', IdentityProvider.Token(claims, key).Split('.').Concat(["AAAA", "AAAA"])),
            "no key id" => Token(header: ("kid", null)),
            "half a token" => IdentityProvider.Token(claims, key).Split('.')[0] + ".",
            "no json" => $"{Encode("header")}.{Encode("claims")}.AAAA",
            "a list" => $"{Encode("[]")}.{Encode("[1]")}.AAAA",
            _ => throw new ArgumentOutOfRangeException(nameof(how)),
        };
        await AssertRefused(HttpStatusCode.Unauthorized, "account", token);

        string Token((string Name, JsonNode? Value)? claim = null, (string Name, JsonNode? Value)? header = null)
        {
            var head = new JsonObject { ["alg"] = "RS256", ["kid"] = "first" };
            Set(claims, claim);
            Set(head, header);
            return IdentityProvider.Token(claims, key, head);
        }
    }

    [Fact]
    public async Task A_claim_chooses_the_quota_class_and_the_largest_counts()
    {
        Assert.Equal(3, await rig.DrawAllAsync(rig.Provider.Token("plain"), 20));
        Assert.Equal(6, await rig.DrawAllAsync(Grouped("one group", "engineering"), 20));
        Assert.Equal(8, await rig.DrawAllAsync(Grouped("both groups", new JsonArray("cooks", "heads", "engineering")), 20));
        Assert.Equal(3, await rig.DrawAllAsync(Grouped("no group that counts", new JsonArray("cooks", 7)), 20));
    }

    [Fact]
    public async Task All_tokens_of_one_subject_share_one_quota()
    {
        Assert.Equal(2, await rig.DrawAllAsync(rig.Provider.Token("shared"), 2));
        Assert.Equal(1, await rig.DrawAllAsync(IdentityProvider.Token(rig.Provider.Claims("shared"), Key("first")), 20));
        await AssertRefused(HttpStatusCode.TooManyRequests, "quota", rig.Provider.Token("shared"), await WellFormed());
    }

    [Fact]
    public async Task A_disabled_identity_draws_nothing_also_when_it_comes_later()
    {
        Assert.Equal(1, await rig.DrawAllAsync(rig.Provider.Token("leaver"), 1));
        await rig.Issuer.RunAsync("accounts", "disable", "--oidc-subject", "leaver");
        await AssertRefused(HttpStatusCode.Forbidden, "account-disabled", rig.Provider.Token("leaver"));
        await rig.Issuer.RunAsync("accounts", "enable", "--oidc-subject", "leaver");
        Assert.Equal(1, await rig.DrawAllAsync(rig.Provider.Token("leaver"), 1));

        await rig.Issuer.RunAsync("accounts", "disable", "--oidc-subject", "never came");
        await AssertRefused(HttpStatusCode.Forbidden, "account-disabled", rig.Provider.Token("never came"));
    }

    [Fact]
    public async Task An_identity_may_be_given_a_name_a_class_and_a_quota()
    {
        await rig.Issuer.RunAsync("accounts", "add", "Ada", "--oidc-subject", "ada", "--class", "lead");
        Assert.Equal(8, await rig.DrawAllAsync(rig.Provider.Token("ada"), 20));
        Assert.Equal(1, await rig.DrawAllAsync(rig.Provider.Token("bob"), 1));
        await rig.Issuer.RunAsync("accounts", "add", "Bob", "--oidc-subject", "bob", "--quota", "2");
        Assert.Equal(1, await rig.DrawAllAsync(rig.Provider.Token("bob"), 20));
        Assert.NotEqual(0, (await rig.Issuer.TryRunAsync("accounts", "add", "Robert", "--oidc-subject", "bob")).ExitCode);
        Assert.NotEqual(0, (await rig.Issuer.TryRunAsync("accounts", "add", "Carl", "--oidc-subject", "carl", "--class", "absent")).ExitCode);
        Assert.NotEqual(0, (await rig.Issuer.TryRunAsync("accounts", "add", "Carl", "--oidc-subject", "carl", "--oidc-issuer", "https://another.example")).ExitCode);

        using JsonDocument listed = JsonDocument.Parse(await rig.Issuer.RunAsync("accounts", "list", "--json"));
        JsonElement ada = listed.RootElement.EnumerateArray().Single(account => account.GetProperty("name").GetString() == "Ada");
        Assert.Equal(("oidc", "lead"), (ada.GetProperty("attester").GetString(), ada.GetProperty("class").GetString()));
    }

    [Fact]
    public async Task A_new_key_of_the_provider_is_taken_within_the_interval()
    {
        ProviderKey added = ProviderKey.Rsa("rolled over", "RS256");
        rig.Provider.Keys.Insert(0, added);
        string token = IdentityProvider.Token(rig.Provider.Claims("patient"), added);
        for (int attempt = 0; ; attempt++)
        {
            if (await rig.DrawAllAsync(token, 1) == 1)
                return;
            Assert.True(attempt < 300, rig.Client.LastRefusal);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Only_added_identities_draw_where_the_operator_wants_so()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        File.Copy(Path.Combine(rig.Issuer.Folder, "roots.pem"), Path.Combine(issuer.Folder, "roots.pem"));
        issuer.Configure(configuration =>
        {
            rig.Configure(configuration);
            configuration["Attesters"]!["ApiKey"] = false;
            configuration["Attesters"]!["OpenIdConnect"]![0]!["OnlyAdded"] = true;
        });
        await issuer.RunAsync("accounts", "add", "Ada", "--oidc-subject", "ada");
        string apiKey = await issuer.AddAccountAsync("api", quota: 1);
        await issuer.StartAsync();
        Assert.Single(await rig.Client.DrawAsync(issuer.Address, rig.Provider.Token("ada"), 1));
        await AssertRefused(HttpStatusCode.Forbidden, "account-not-added", rig.Provider.Token("bob"), address: issuer.Address);
        await AssertRefused(HttpStatusCode.Unauthorized, "account", apiKey, address: issuer.Address);
    }

    [Fact]
    public async Task While_the_provider_was_never_reached_its_accounts_are_told_to_come_back_and_others_draw()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        File.Copy(Path.Combine(rig.Issuer.Folder, "roots.pem"), Path.Combine(issuer.Folder, "roots.pem"));
        issuer.Configure(rig.Configure);
        string apiKey = await issuer.AddAccountAsync("api", quota: 1);
        await issuer.StartAsync();
        rig.Provider.Instead = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        try
        {
            using HttpResponseMessage response = await rig.Client.SendAsync(IssuerClient.TokenRequest(issuer.Address, rig.Provider.Token("early"), new byte[259]));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter!.Delta);
            Assert.Contains("urn:veil:problem:attester", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.Single(await rig.Client.DrawAsync(issuer.Address, apiKey, 1));
        }
        finally
        {
            rig.Provider.Instead = null;
        }

        for (int attempt = 0; await rig.Client.DrawOneAsync(issuer.Address, rig.Provider.Token("early"), await rig.Client.KeyAsync(issuer.Address)) is null; attempt++)
        {
            Assert.True(attempt < 300, rig.Client.LastRefusal);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task What_the_provider_says_of_a_person_is_kept_nowhere()
    {
        JsonObject claims = rig.Provider.Claims("c4n4ry-subject");
        claims["email"] = "c4n4ry-email";
        claims["groups"] = "c4n4ry-group";
        Assert.Equal(3, await rig.DrawAllAsync(IdentityProvider.Token(claims, Key("first")), 20));
        using HttpResponseMessage metrics = await rig.Client.SendAsync(new(HttpMethod.Get, new Uri(rig.Issuer.Management, "/metrics")));
        string said = rig.Issuer.Output + await metrics.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        foreach (string file in Directory.GetFiles(rig.Issuer.Folder, "*.db*"))
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.Latin1);
            said += await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }

        Assert.DoesNotContain("c4n4ry", said, StringComparison.Ordinal);
        Assert.Contains("oidc-", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Issuer", "http://provider.example", "Issuer")]
    [InlineData("Audience", null, "Audience")]
    [InlineData("Class", "absent", "Class")]
    [InlineData("ClassClaim", null, "ClassClaim")]
    [InlineData("RefreshAtMostEvery", "00:00:00", "RefreshAtMostEvery")]
    public async Task A_wrong_setting_stops_the_start_with_its_name(string setting, string? value, string named)
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        File.Copy(Path.Combine(rig.Issuer.Folder, "roots.pem"), Path.Combine(issuer.Folder, "roots.pem"));
        issuer.Configure(configuration =>
        {
            rig.Configure(configuration);
            configuration["Attesters"]!["OpenIdConnect"]![0]![setting] = value;
        });
        (int exitCode, _, string error) = await issuer.TryRunAsync("serve");
        Assert.NotEqual(0, exitCode);
        Assert.Contains($"Attesters:OpenIdConnect:0:{named}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("none")]
    public async Task An_algorithm_without_a_public_key_cannot_be_configured(string algorithm)
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        File.Copy(Path.Combine(rig.Issuer.Folder, "roots.pem"), Path.Combine(issuer.Folder, "roots.pem"));
        issuer.Configure(configuration =>
        {
            rig.Configure(configuration);
            configuration["Attesters"]!["OpenIdConnect"]![0]!["Algorithms"] = new JsonArray("RS256", algorithm);
        });
        (_, _, string error) = await issuer.TryRunAsync("serve");
        Assert.Contains("Attesters:OpenIdConnect:0:Algorithms", error, StringComparison.Ordinal);
    }

    private static void Set(JsonObject target, (string Name, JsonNode? Value)? change)
    {
        if (change is not { } set)
            return;
        target.Remove(set.Name);
        if (set.Value is not null)
            target[set.Name] = set.Value;
    }

    private static string SharedSecret(JsonObject claims, ProviderKey key)
    {
        string signed = $"{Encode("{\"alg\":\"HS256\",\"kid\":\"first\"}")}.{Encode(claims.ToJsonString())}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.PublicPem()), Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Changed(string token)
    {
        string[] parts = token.Split('.');
        string claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("mallory", "alice", StringComparison.Ordinal);
        return $"{parts[0]}.{Encode(claims)}.{parts[2]}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private ProviderKey Key(string id) => rig.Provider.Keys.Single(key => key.Id == id);

    private string Grouped(string subject, JsonNode groups)
    {
        JsonObject claims = rig.Provider.Claims(subject);
        claims["groups"] = groups;
        return IdentityProvider.Token(claims, Key("first"));
    }

    private async Task<byte[]> WellFormed() => [0, 2, (await rig.Client.KeyAsync(rig.Issuer.Address)).TruncatedKeyId, .. new byte[256]];

    private async Task AssertRefused(HttpStatusCode status, string type, string credential, byte[]? body = null, Uri? address = null)
    {
        using HttpResponseMessage response = await rig.Client.SendAsync(IssuerClient.TokenRequest(address ?? rig.Issuer.Address, credential, body ?? new byte[259]));
        Assert.Equal(status, response.StatusCode);
        Assert.Contains($"\"urn:veil:problem:{type}\"", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
