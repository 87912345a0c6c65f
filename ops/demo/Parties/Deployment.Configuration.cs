using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.ClientSdk;

namespace Veil.DevStack;

/// <content>Each party's configuration, as an operator would write it.</content>
public sealed partial class Deployment
{
    /// <summary>The gateway's own name: its view is signed under it, and tokens are made for it.</summary>
    public const string Authority = "gateway.veil.test";

    private async Task<(string Root, string Measurement)> MakeTeeRootAsync(CancellationToken cancellation)
    {
        string output = await RunAsync("Veil.SoftwareTee", Folder, ["root", PartyFolder("tee-root"), "--label", Label, "--kind", _options.TeeKind, "--json"], cancellation);
        JsonElement made = JsonDocument.Parse(output).RootElement;
        return (made.GetProperty("root_spki_sha256").GetString()!, _options.AcceptedMeasurement ?? made.GetProperty("measurement").GetString()!);
    }

    private async Task StartIssuerAsync(IssuedCertificate issuer, IssuedCertificate gateway, Action<string> step, CancellationToken cancellation)
    {
        string folder = PartyFolder("issuer");
        Issuer = NewParty("issuer", "veil-issuer", Plan.Issuer.Management, "/readyz", new JsonObject
        {
            ["Server"] = Server(Plan.Issuer, issuer),
            ["Keys"] = IssuerKeys(),
            ["Issuance"] = new JsonObject { ["QuotaClasses"] = new JsonObject { ["default"] = _options.Quota } },
            ["Redemption"] = new JsonObject
            {
                ["Gateways"] = new JsonArray(new JsonObject { ["Name"] = "gateway", ["CertificateSpkiSha256"] = gateway.SpkiSha256 }),
            },
        });
        await RunAsync("veil-issuer", folder, ["keys", "init"], cancellation);
        string account = await RunAsync("veil-issuer", folder, ["accounts", "add", "demo", "--json"], cancellation);
        ApiKey = JsonDocument.Parse(account).RootElement.GetProperty("api_key").GetString()!;
        await Issuer.StartAsync(cancellation);
        step("issuer   up: made its token key, added the account \"demo\"");
    }

    private async Task StartWorkloadAsync(CancellationToken cancellation)
    {
        if (_options.Workload is null)
        {
            Workload = NewParty("workload", "Veil.Workload", Plan.Workload, "/", settings: null, "--urls", $"http://{Plan.Workload}");
            await Workload.StartAsync(cancellation);
        }
    }

    private async Task StartHostsAsync(IssuedCertificate gateway, CancellationToken cancellation)
    {
        Hosts = [.. Plan.Hosts.Select((place, index) => NewParty($"host {index + 1}", "Veil.SoftwareTee", place.Management, "/readyz", new JsonObject
        {
            ["Server"] = Server(place, certificate: null),
            ["Host"] = new JsonObject
            {
                ["Service"] = ServiceUrl.Host,
                ["Workload"] = $"http://{WorkloadEndPoint}/",
                ["Gateways"] = new JsonArray(new JsonObject { ["Name"] = "gateway", ["CertificateSpkiSha256"] = gateway.SpkiSha256 }),
            },
            ["Log"] = LogOf(place),
            ["SoftwareTee"] = new JsonObject { ["Kind"] = _options.TeeKind, ["Fault"] = _options.TeeFault, ["RootFolder"] = PartyFolder("tee-root"), ["Label"] = Label },
        }))];
        await Task.WhenAll(Hosts.Select(host => host.StartAsync(cancellation)));
    }

    /// <summary>Where a host reads the log whose checkpoint its claims name.</summary>
    private JsonObject LogOf(Place place) => _options.EpochLength is null ? [] : new()
    {
        ["Url"] = $"{Plan.Log.Url}",
        ["TrustBundleFile"] = BundleFile,
        ["Tls"] = new JsonObject { ["TrustedRootsFile"] = RootFile },
        ["LocalAddress"] = $"{place.Public.Address}",
    };

    private async Task StartGatewayAsync(IssuedCertificate gateway, IssuedCertificate relay, string root, string measurement, CancellationToken cancellation)
    {
        JsonObject Identity() => new() { ["ClientCertificateFile"] = gateway.CertificateFile, ["ClientKeyFile"] = gateway.KeyFile };
        JsonObject issuerTls = Identity();
        issuerTls["TrustedRootsFile"] = RootFile;
        string own = $"{Plan.Gateway.Public.Address}";
        Gateway = NewParty("gateway", "Veil.Gateway", Plan.Gateway.Management, _options.AwaitHosts ? "/readyz" : "/healthz", new JsonObject
        {
            ["Server"] = Server(Plan.Gateway, gateway),
            ["Gateway"] = new JsonObject
            {
                ["Authority"] = Authority,
                ["Relays"] = new JsonArray(new JsonObject { ["Name"] = "relay", ["CertificateSpkiSha256"] = relay.SpkiSha256 }),
                ["Services"] = new JsonArray(new JsonObject
                {
                    ["Authority"] = ServiceUrl.Host,
                    ["Hosts"] = new JsonArray([.. Plan.Hosts.Select(place => new JsonObject { ["Url"] = $"{place.Url}" })]),
                }),
            },
            ["Keys"] = GatewayKeys(),
            ["Hosts"] = new JsonObject
            {
                ["Tls"] = Identity(),
                ["LocalAddress"] = own,
                ["Attestation"] = Attestation(root, measurement),
            },
            ["Tokens"] = Tokens(own),
            ["Epochs"] = Epochs(Identity(), own),
            ["Redemption"] = new JsonObject { ["Endpoint"] = $"{Plan.Issuer.Url}redeem", ["Timeout"] = $"{_options.RedemptionTimeout}", ["Tls"] = issuerTls, ["LocalAddress"] = own },
        });
        await Gateway.StartAsync(cancellation);
        if (_options.HasReplica)
        {
            JsonObject settings = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Gateway.Folder, "appsettings.json"), cancellation))!.AsObject();
            settings["Server"] = Server(Plan.Replica, gateway);
            settings["Keys"]!["IsWriter"] = false;
            Replica = NewParty(ReplicaName, "Veil.Gateway", Plan.Replica.Management, "/readyz", settings);
            await Replica.StartAsync(cancellation);
        }
    }

    /// <summary>SEV-SNP by the short settings, other kinds by the file of an appraisal policy.</summary>
    private JsonObject Attestation(string root, string measurement)
    {
        if (_options.TeeKind is DeploymentOptions.SevSnp)
        {
            return new JsonObject { ["TrustedRoots"] = new JsonArray(root), ["Measurements"] = new JsonArray(measurement) };
        }

        string file = Path.Combine(PartyFolder("gateway"), "appraisal-policy.json");
        var kind = new JsonObject { ["trusted_roots"] = new JsonArray(root), ["images"] = new JsonArray(new JsonObject { ["mrtd"] = measurement }) };
        File.WriteAllText(file, new JsonObject { ["v"] = 1, ["service"] = ServiceUrl.Host, ["kinds"] = new JsonObject { [_options.TeeKind] = kind } }.ToJsonString());
        return new JsonObject { ["PolicyFiles"] = new JsonArray(file) };
    }

    private async Task StartRelayAsync(IssuedCertificate relay, CancellationToken cancellation)
    {
        JsonObject Upstream(Place gateway) => new()
        {
            ["Url"] = $"{gateway.Url}.well-known/ohttp-gateway",
            ["HttpVersion"] = _options.RelayHttpVersion,
            ["LocalAddress"] = $"{Plan.Relay.Public.Address}",
            ["MirrorEpoch"] = _options.EpochLength is not null,
            ["Tls"] = new JsonObject { ["TrustedRootsFile"] = RootFile, ["ClientCertificateFile"] = relay.CertificateFile, ["ClientKeyFile"] = relay.KeyFile },
        };
        var gateways = new JsonObject { [GatewayName] = Upstream(Plan.Gateway) };
        if (_options.HasReplica)
        {
            gateways[ReplicaName] = Upstream(Plan.Replica);
        }

        var settings = new JsonObject
        {
            ["Gateways"] = gateways,
            ["RequestsPerSecond"] = _options.RelayRequestsPerSecond,
            ["Burst"] = _options.RelayRequestsPerSecond,
        };
        if ((_options.MirrorRefresh ?? (_options.AwaitHosts ? null : TimeSpan.FromSeconds(1))) is { } refresh)
        {
            settings["MirrorRefresh"] = $"{refresh:c}";
        }

        Relay = NewParty("relay", "Veil.Relay", Plan.Relay.Management, "/readyz", new JsonObject { ["Server"] = Server(Plan.Relay, relay), ["Relay"] = settings });
        await Relay.StartAsync(cancellation);
        if (_options.EpochLength is not null && !_options.AwaitHosts)
        {
            await AwaitEpochAsync(cancellation);
        }
    }

    private VeilOptions NewClientOptions(Uri relayUrl, string walletFile, bool withAccount, int tokens) => new()
    {
        Relay = relayUrl,
        Authority = Authority,
        Issuer = withAccount ? Plan.Issuer.Url : null,
        ApiKey = withAccount ? ApiKey : null,
        WalletFile = walletFile,
        TrustedRootsFile = RootFile,
        TrustBundleFile = _options.EpochLength is null ? null : BundleFile,
        WithoutLog = _options.EpochLength is null,
        SeenLogFile = _options.EpochLength is null ? null : Path.Combine(Path.GetDirectoryName(walletFile)!, "log.seen"),
        LocalAddress = Plan.Client,
        TokenTarget = tokens,
        TokenReserve = tokens / 4,
        ViewLifetime = _options.ViewLifetime ?? new VeilOptions().ViewLifetime,
        RefillDelay = _options.RefillDelay ?? new VeilOptions().RefillDelay,
    };

    private void WriteClientConfig()
    {
        var config = new JsonObject
        {
            ["Relay"] = $"{RelayUrl}",
            ["Authority"] = Authority,
            ["Issuer"] = $"{Plan.Issuer.Url}",
            ["ApiKey"] = ApiKey,
            ["WalletFile"] = Path.Combine(ClientFolder(), "wallet"),
            ["TrustedRootsFile"] = RootFile,
            ["LocalAddress"] = $"{Plan.Client}",
        };
        if (_options.EpochLength is not null)
        {
            config["TrustBundleFile"] = BundleFile;
            config["SeenLogFile"] = Path.Combine(ClientFolder(), "log.seen");
        }
        else
        {
            config["WithoutLog"] = true;
        }

        File.WriteAllText(ClientConfigFile, config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    private JsonObject GatewayKeys() => Timed(Keys("gateway"), _options.GatewayKeys, "Overlap");

    private JsonObject IssuerKeys()
    {
        JsonObject keys = Timed(Keys("issuer"), _options.IssuerKeys, "DirectoryMaxAge");
        keys["TokenType"] = _options.TokenType;
        return keys;
    }

    private static JsonObject Timed(JsonObject keys, KeyTimes? times, string overlap)
    {
        if (times is not null)
        {
            keys["EpochLength"] = $"{times.EpochLength:c}";
            keys["Notice"] = $"{times.Notice:c}";
            keys["Grace"] = $"{times.Grace:c}";
            keys[overlap] = $"{times.Overlap:c}";
        }

        return keys;
    }

    private JsonObject Tokens(string localAddress)
    {
        var tokens = new JsonObject { ["Issuer"] = $"{Plan.Issuer.Url}", ["Tls"] = new JsonObject { ["TrustedRootsFile"] = RootFile }, ["LocalAddress"] = localAddress };
        if (_options.DirectoryRefresh is { } refresh)
        {
            tokens["RefreshEvery"] = $"{refresh:c}";
        }

        return tokens;
    }

    /// <summary>Each party's keys lie in a store of its own under a wrapping key of its own.</summary>
    private JsonObject Keys(string party)
    {
        string file = Path.Combine(PartyFolder(party), "wrapping.key");
        File.WriteAllText(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return new JsonObject
        {
            ["Store"] = new JsonObject { ["Directory"] = Path.Combine(PartyFolder(party), "keys"), ["WrappingKeyFile"] = file },
        };
    }

    private static async Task<string> RunAsync(string assembly, string folder, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(PartyProcess.DotnetHost(), [PartyPrograms.Path(assembly), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process program = Process.Start(start)!;
        Task<string> output = program.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = program.StandardError.ReadToEndAsync(cancellation);
        await program.WaitForExitAsync(cancellation);
        return program.ExitCode == 0
            ? await output
            : throw new DevStackException($"{assembly} {string.Join(' ', arguments)} failed (exit {program.ExitCode}): {(await errors).ReplaceLineEndings(" ").Trim()}");
    }
}
