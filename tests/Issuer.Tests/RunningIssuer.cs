using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

/// <summary>One issuer process for the tests of a class, with an account that has quota enough.</summary>
public sealed class RunningIssuer : IAsyncLifetime
{
    private IssuerProcess? _issuer;

    public IssuerProcess Issuer => _issuer!;

    public IssuerClient Client { get; } = new();

    public Uri Address => Issuer.Address;

    public string ApiKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _issuer = await IssuerProcess.CreateAsync();
        ApiKey = await _issuer.AddAccountAsync("alice", quota: 100_000);
        await _issuer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Issuer.DisposeAsync();
    }

    public async Task<byte[]> DrawAsync() => (await Client.DrawAsync(Address, ApiKey, 1))[0];
}
