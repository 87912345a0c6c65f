using System.Text.Json.Nodes;
using Veil.Issuer.Tests.Rig;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

/// <summary>An issuer that takes tokens of a provider beside API keys.</summary>
public sealed class OpenIdConnectIssuer : IAsyncLifetime
{
    private readonly LocalAuthority _authority = new();
    private IdentityProvider? _provider;
    private IssuerProcess? _issuer;

    public IdentityProvider Provider => _provider!;

    public IssuerProcess Issuer => _issuer!;

    public IssuerClient Client { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _provider = await IdentityProvider.StartAsync(_authority);
        _provider.Keys.Add(ProviderKey.Rsa("pss", "PS256"));
        _provider.Keys.Add(ProviderKey.Rsa("weak", "RS256", bits: 1024));
        _provider.Keys.Add(ProviderKey.Rsa("long", "RS512"));
        _provider.Keys.Add(ProviderKey.Curve("curve"));
        _issuer = await IssuerProcess.CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(_issuer.Folder, "roots.pem"), _authority.RootPem);
        _issuer.Configure(Configure);
        await _issuer.StartAsync();
    }

    /// <summary>Three classes; the claim <c>groups</c> chooses.</summary>
    public void Configure(JsonObject configuration)
    {
        configuration["Issuance"] = new JsonObject { ["QuotaClasses"] = new JsonObject { ["default"] = 3, ["team"] = 6, ["lead"] = 8 } };
        configuration["Attesters"] = new JsonObject
        {
            ["OpenIdConnect"] = new JsonArray(new JsonObject
            {
                [nameof(Provider.Issuer)] = Provider.Issuer,
                ["Audience"] = IdentityProvider.Audience,
                ["ClassClaim"] = "groups",
                ["Classes"] = new JsonObject { ["engineering"] = "team", ["heads"] = "lead" },
                ["RefreshAtMostEvery"] = "00:00:01",
                ["Tls"] = new JsonObject { ["TrustedRootsFile"] = "roots.pem" },
            }),
        };
    }

    /// <summary>Draws until the quota is gone.</summary>
    public async Task<int> DrawAllAsync(string credential, int atMost)
    {
        Veil.PrivacyPass.TokenPublicKey key = await Client.KeyAsync(Issuer.Address);
        int drawn = 0;
        while (drawn < atMost && await Client.DrawOneAsync(Issuer.Address, credential, key) is not null)
        {
            drawn++;
        }

        return drawn;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Issuer.DisposeAsync();
        await Provider.DisposeAsync();
        _authority.Dispose();
    }
}
