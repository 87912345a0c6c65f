using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.ClientSdk;
using Veil.Recorder;

namespace Veil.DevStack;

/// <summary>Every party of Veil on loopback, each a process of its own with its own folder, address, certificate and configuration.</summary>
public sealed partial class Deployment : IAsyncDisposable
{
    private const string GatewayName = "gateway";
    private const string ReplicaName = "replica";
    private const string Label = "veil development host";

    private readonly DeploymentOptions _options;
    private readonly bool _removeFolder;
    private readonly ThrowawayCa _ca;
    private readonly string _recorder = typeof(Record).Assembly.Location;

    private Deployment(DeploymentOptions options)
    {
        _options = options;
        _removeFolder = options.Folder is null;
        Folder = options.Folder is null ? Directory.CreateTempSubdirectory("veil-").FullName : Directory.CreateDirectory(options.Folder).FullName;
        Plan = new LoopbackPlan(options.BasePort, options.HostCount);
        _ca = new ThrowawayCa(Folder);
    }

    /// <summary>The folder that holds all the parties' folders.</summary>
    public string Folder { get; }

    /// <summary>Who listens where.</summary>
    public LoopbackPlan Plan { get; }

    /// <summary>The run's root certificate.</summary>
    public string RootFile => _ca.RootFile;

    /// <summary>The service that is asked, a name that exists inside Oblivious HTTP only.</summary>
    public Uri ServiceUrl { get; } = new("https://summary.veil.test/");

    /// <summary>The gateway's resource at the relay.</summary>
    public Uri RelayUrl => new(Plan.Relay.Url, GatewayName);

    /// <summary>The replica's resource at the relay, where there is one.</summary>
    public Uri ReplicaUrl => new(Plan.Relay.Url, ReplicaName);

    /// <summary>The demo account's key at the issuer.</summary>
    public string ApiKey { get; private set; } = "";

    /// <summary>The client's configuration for the <c>veil</c> command.</summary>
    public string ClientConfigFile => Path.Combine(Folder, "client", "veil.json");

    /// <summary>The <c>veil</c> command's assembly.</summary>
    public string ClientProgram { get; } = PartyPrograms.Path("veil");

    /// <summary>The relay's process.</summary>
    public PartyProcess Relay { get; private set; } = null!;

    /// <summary>The gateway's process.</summary>
    public PartyProcess Gateway { get; private set; } = null!;

    /// <summary>The second gateway's process; null without one.</summary>
    public PartyProcess? Replica { get; private set; }

    /// <summary>The issuer's process.</summary>
    public PartyProcess Issuer { get; private set; } = null!;

    /// <summary>The hosts' processes.</summary>
    public IReadOnlyList<PartyProcess> Hosts { get; private set; } = [];

    /// <summary>The workload's process; null where the caller brought one.</summary>
    public PartyProcess? Workload { get; private set; }

    /// <summary>Every party's management end point.</summary>
    public IReadOnlyDictionary<string, IPEndPoint> ManagementEndPoints { get; private set; } = new Dictionary<string, IPEndPoint>();

    private IPEndPoint WorkloadEndPoint => _options.Workload ?? Plan.Workload;

    private IEnumerable<PartyProcess> Parties => new[] { Relay, Gateway, Replica, Issuer, Log, Workload }.Concat(Hosts).Concat(Witnesses).OfType<PartyProcess>();

    /// <summary>Brings everything up; <paramref name="step"/> hears of each step as it happens.</summary>
    /// <exception cref="DevStackException">A party cannot start; the message says which and why.</exception>
    public static async Task<Deployment> StartAsync(DeploymentOptions options, Action<string> step, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(step);
        var deployment = new Deployment(options);
        try
        {
            await deployment.StartAsync(step, cancellation);
            return deployment;
        }
        catch
        {
            await deployment.DisposeAsync();
            throw;
        }
    }

    /// <summary>Options of a client with the demo's account.</summary>
    /// <param name="walletFile">Its wallet; null for the demo's own.</param>
    /// <param name="tokens">Tokens that a fill brings the wallet to; null for <see cref="DeploymentOptions.TokenTarget"/>.</param>
    /// <param name="relayUrl">What it asks through; null for <see cref="RelayUrl"/>.</param>
    public VeilOptions ClientOptions(string? walletFile = null, int? tokens = null, Uri? relayUrl = null) =>
        NewClientOptions(relayUrl ?? RelayUrl, walletFile ?? Path.Combine(ClientFolder(), "wallet"), withAccount: true, tokens ?? _options.TokenTarget);

    /// <summary>Options of a client that spends what a wallet holds and draws nothing.</summary>
    public VeilOptions SpendingOnly(string walletFile) => NewClientOptions(RelayUrl, walletFile, withAccount: false, _options.TokenTarget);

    /// <summary>What a party has received so far on its public port.</summary>
    public IEnumerable<Record> Received(PartyProcess party)
    {
        ArgumentNullException.ThrowIfNull(party);
        HashSet<int> management = [.. ManagementEndPoints.Values.Select(endPoint => endPoint.Port)];
        return RecordFile.Read(party.RecordFile).Where(record => !management.Contains(record.Port) && record.Target is not ("/readyz" or "/healthz"));
    }

    /// <summary>Restarts the issuer with another type for the keys that it makes from now on, as an operator who changes its configuration does.</summary>
    public async Task ChangeTokenTypeAsync(int tokenType, CancellationToken cancellation)
    {
        string file = Path.Combine(Issuer.Folder, "appsettings.json");
        JsonNode settings = JsonNode.Parse(await File.ReadAllTextAsync(file, cancellation))!;
        settings["Keys"]!["TokenType"] = tokenType;
        await File.WriteAllTextAsync(file, settings.ToJsonString(), cancellation);
        await Issuer.StopAsync();
        await Issuer.StartAsync(cancellation);
    }

    /// <summary>Stops every party and removes the folder unless the caller named it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Parties.Select(party => party.DisposeAsync().AsTask()));
        _ca.Dispose();
        if (_removeFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private async Task StartAsync(Action<string> step, CancellationToken cancellation)
    {
        step($"network  every party has an address of its own on loopback{(Plan.HasOwnAddresses ? "" : " (this system gives 127.0.0.1 alone: all share it)")}, TLS from a throw-away authority");
        IssuedCertificate relay = Certify("relay", "relay.veil.test", Plan.Relay);
        IssuedCertificate gateway = Certify("gateway", Authority, Plan.Gateway);
        IssuedCertificate issuer = Certify("issuer", "issuer.veil.test", Plan.Issuer);

        // What does not need each other starts together: making the TEE's RSA-4096 keys takes longest.
        Task<(string Root, string Measurement)> rooting = MakeTeeRootAsync(cancellation);
        Task issuing = StartIssuerAsync(issuer, gateway, step, cancellation);
        Task working = StartWorkloadAsync(cancellation);
        Task logging = _options.EpochLength is { } epoch ? StartLogAsync(epoch, gateway, step, cancellation) : Task.CompletedTask;
        (string root, string measurement) = await rooting;
        await logging;
        await StartHostsAsync(gateway, cancellation);
        step($"hosts    {Hosts.Count} up, software {(_options.TeeKind is DeploymentOptions.SevSnp ? "SEV-SNP" : "TDX")}, measurement {measurement[..16]}…");
        await Task.WhenAll(issuing, working);
        if (_options.EpochLength is not null)
        {
            await SignReleaseAsync(measurement, step, cancellation);
        }

        await StartGatewayAsync(gateway, relay, root, measurement, cancellation);
        step("gateway  up: every host's evidence verified before a byte goes to it");
        await StartRelayAsync(relay, cancellation);
        step("relay    up: forwards sealed bodies, nothing else");
        WriteClientConfig();
        ManagementEndPoints = new Dictionary<string, IPEndPoint>
        {
            ["relay"] = Plan.Relay.Management,
            ["gateway"] = Plan.Gateway.Management,
            ["issuer"] = Plan.Issuer.Management,
        };
        ManagementEndPoints = ManagementEndPoints.Concat(Hosts.Zip(Plan.Hosts, (host, place) => KeyValuePair.Create(host.Name, place.Management))).ToDictionary();
    }

    private IssuedCertificate Certify(string party, string name, Place place) => _ca.Issue(PartyFolder(party), name, place.Public.Address);

    private string PartyFolder(string party) => Directory.CreateDirectory(Path.Combine(Folder, party)).FullName;

    private string ClientFolder() => PartyFolder("client");

    private PartyProcess NewParty(string name, string assembly, IPEndPoint readyAt, string readyPath, JsonObject? settings, params string[] arguments)
    {
        string folder = PartyFolder(name.Replace(' ', '-'));
        if (settings is not null)
        {
            File.WriteAllText(Path.Combine(folder, "appsettings.json"), settings.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        }

        var environment = new Dictionary<string, string>(_options.Environment);
        if (_options.Record)
        {
            environment["DOTNET_STARTUP_HOOKS"] = _recorder;
            environment["VEIL_RECORDER_FILE"] = Path.Combine(folder, "received.jsonl");
        }

        return new PartyProcess(name, assembly, folder, new Uri($"http://{readyAt}{readyPath}"), arguments, environment);
    }

    private static JsonObject Server(Place place, IssuedCertificate? certificate)
    {
        var server = new JsonObject { ["Listen"] = $"{place.Public}", ["ManagementListen"] = $"{place.Management}" };
        if (certificate is not null)
        {
            server["CertificateFile"] = certificate.CertificateFile;
            server["KeyFile"] = certificate.KeyFile;
        }

        return server;
    }
}
