using System.Security.Cryptography.X509Certificates;
using Veil.ClientSdk;
using Veil.DevStack;

namespace Veil.EndToEnd;

/// <summary>All parties, each in a process of its own, in front of the tests' workload. One deployment serves the tests of a class.</summary>
public class DeploymentFixture : IAsyncLifetime
{
    /// <summary>The running parties.</summary>
    public Deployment Deployment { get; private set; } = null!;

    internal TestWorkload Workload { get; private set; } = null!;

    /// <summary>How it is brought up; the workload's address is filled in.</summary>
    protected virtual DeploymentOptions Options => new();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Workload = await TestWorkload.StartAsync();
        Deployment = await Deployment.StartAsync(Options with { Workload = Workload.EndPoint }, _ => { }, TestContext.Current.CancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Deployment is not null)
        {
            await Deployment.DisposeAsync();
        }

        await Workload.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A client with a wallet of its own.</summary>
    internal HttpClient NewClient() => new(new VeilHandler(Deployment.ClientOptions(NewWalletFile()))) { Timeout = TimeSpan.FromMinutes(3) };

    /// <summary>A client that has drawn all the tokens that it will spend.</summary>
    internal async Task<HttpClient> NewClientAsync(int tokens)
    {
        var handler = new VeilHandler(Deployment.ClientOptions(NewWalletFile(), tokens));
        await handler.Tokens!.FillAsync(TestContext.Current.CancellationToken);
        return new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(3) };
    }

    internal string NewWalletFile() => Path.Combine(Deployment.Folder, $"wallet-{Guid.NewGuid():N}");

    /// <summary>A wallet in a folder of its own, where what its client has seen of the log is kept too: as on a machine of its own.</summary>
    internal string NewWalletFileOfItsOwn() => Path.Combine(Directory.CreateDirectory(NewWalletFile() + ".d").FullName, "wallet");

    /// <summary>A client that knows nothing of Veil and sends what it is given.</summary>
    internal HttpClient NewOrdinaryClient()
    {
        var roots = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        roots.CustomTrustStore.ImportFromPemFile(Deployment.RootFile);
        return new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = roots } });
    }

    /// <summary>A URL of the service.</summary>
    internal Uri Url(string target) => new(Deployment.ServiceUrl, target);
}

/// <summary>The same without recorders, where memory and bulk are what is looked at.</summary>
public sealed class UnrecordedDeploymentFixture : DeploymentFixture
{
    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with { Record = false };
}
