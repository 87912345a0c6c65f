namespace Veil.Proofs.Issuer;

/// <summary>One or more issuers on one store, what can strike them, and what the store holds in the end.</summary>
internal interface IIssuerDeployment : IAsyncDisposable
{
    /// <summary>The replicas, started.</summary>
    IReadOnlyList<IssuerProcess> Issuers { get; }

    /// <summary>Kills something with SIGKILL and brings service back.</summary>
    Task StrikeAsync(Random random);

    /// <summary>Ends the issuers and reads every row of the spent tokens from the store itself: the first 16 bytes of the token's SHA-256.</summary>
    Task<IReadOnlyList<UInt128>> ReadSpentAsync();
}
