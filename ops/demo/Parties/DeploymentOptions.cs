using System.Net;

namespace Veil.DevStack;

/// <summary>How a stack is brought up.</summary>
public sealed record DeploymentOptions
{
    internal const string SevSnp = "sev-snp";

    /// <summary>First of the ports, or 0 (default) for free ones.</summary>
    public int BasePort { get; init; }

    /// <summary>Where the parties' folders are made and kept; null (default) for a temporary folder that goes with the stack.</summary>
    public string? Folder { get; init; }

    /// <summary>A workload that already listens on loopback; null (default) starts the one that summarises conversations.</summary>
    public IPEndPoint? Workload { get; init; }

    /// <summary>How many hosts there are. Default 2; at most 16.</summary>
    public int HostCount { get; init; } = 2;

    /// <summary>The kind of machine that hosts run on, <c>sev-snp</c> (default) or <c>tdx</c>.</summary>
    public string TeeKind { get; init; } = SevSnp;

    /// <summary>What is wrong with the hosts' evidence, as <c>SoftwareTee:Fault</c> names it. Default <c>none</c>.</summary>
    public string TeeFault { get; init; } = "none";

    /// <summary>Tokens that a fill brings the client's wallet to. Default 8: a short demo spends few.</summary>
    public int TokenTarget { get; init; } = 8;

    /// <summary>The token type that the issuer offers. Default 2, blind RSA.</summary>
    public ushort TokenType { get; init; } = 2;

    /// <summary>Tokens that the account may draw in an epoch. Default 10,000.</summary>
    public int Quota { get; init; } = 10_000;

    /// <summary>The measurement that the gateway accepts; null (default) for that of the hosts. Another one shows that they are refused.</summary>
    public string? AcceptedMeasurement { get; init; }

    /// <summary>Wait until the gateway has verified a host. Default true; false where no host is meant to pass.</summary>
    public bool AwaitHosts { get; init; } = true;

    /// <summary>Attach the recorder to every party. Default true; off where resident memory or logs are what is measured.</summary>
    public bool Record { get; init; } = true;

    /// <summary>Settings added to every party's environment, such as a log level.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long the gateway waits for a verdict, an issuer's restart included. Default 5 s, the gateway's own.</summary>
    public TimeSpan RedemptionTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests that the relay takes from one address a second. Default 1,000: all clients of a deployment share one.</summary>
    public int RelayRequestsPerSecond { get; init; } = 1_000;

    /// <summary>When the gateway's OHTTP keys come and go; null (default) for its own times.</summary>
    public KeyTimes? GatewayKeys { get; init; }

    /// <summary>When the issuer's keys come and go; null (default) for its own times. The overlap is how long its directory may be cached.</summary>
    public KeyTimes? IssuerKeys { get; init; }

    /// <summary>How often the gateway reads the issuer's directory; null (default) for its own time.</summary>
    public TimeSpan? DirectoryRefresh { get; init; }

    /// <summary>How long clients wait before they refill a wallet that runs low; null (default) for their own time.</summary>
    public TimeSpan? RefillDelay { get; init; }

    /// <summary>How long clients use a view; null (default) for their own time.</summary>
    public TimeSpan? ViewLifetime { get; init; }

    /// <summary>How long an epoch of the authority's log lasts. Default 5 min; null for an authority without a log, whose clients rely on the gateway's signature.</summary>
    public TimeSpan? EpochLength { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long ago the log's first epoch began, before anybody published a head. Default null: an epoch, and the part of one that is over.</summary>
    public TimeSpan? LogAge { get; init; }

    /// <summary>A second gateway of the same authority, with the keys and the documents of the first. Default false.</summary>
    public bool HasReplica { get; init; }

    /// <summary>How often the relay fetches the gateway's keys; null (default) for its own time.</summary>
    public TimeSpan? MirrorRefresh { get; init; }

    /// <summary>The HTTP version between relay and gateway, <c>1.1</c> or <c>2</c> (default).</summary>
    public string RelayHttpVersion { get; init; } = "2";
}
