namespace Veil.Proofs.Issuer;

/// <summary>One or more issuers on one store, what can strike them, and what the store holds in the end.</summary>
internal interface IIssuerDeployment : IAsyncDisposable
{
    /// <summary>The replicas, started.</summary>
    IReadOnlyList<IssuerProcess> Issuers { get; }

    /// <summary>Kills something with SIGKILL and brings service back.</summary>
    Task StrikeAsync(Random random);

    /// <summary>Ends the issuers and reads the hash of every spent token from the store itself.</summary>
    Task<IReadOnlyList<byte[]>> ReadSpentAsync();
}
