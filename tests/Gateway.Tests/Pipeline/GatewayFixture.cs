using Veil.Gateway.Tests.Parties;

[assembly: AssemblyFixture(typeof(Veil.Gateway.Tests.Pipeline.GatewayFixture))]

namespace Veil.Gateway.Tests.Pipeline;

/// <summary>One gateway with its parties for all tests that leave it as it is.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    internal TestGateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await TestGateway.StartAsync();

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
