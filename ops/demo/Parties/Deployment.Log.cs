using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Veil.Transparency.Epochs;

namespace Veil.DevStack;

/// <content>The authority's log, its witnesses, and what its operators sign.</content>
public sealed partial class Deployment
{
    private const string ReleaseName = "summary 1.0";

    /// <summary>The authority's log; null for an authority without one.</summary>
    public PartyProcess? Log { get; private set; }

    /// <summary>Its witnesses, two.</summary>
    public IReadOnlyList<PartyProcess> Witnesses { get; private set; } = [];

    /// <summary>What clients begin with.</summary>
    public string BundleFile => Path.Combine(Folder, "client", "bundle.json");

    /// <summary>The signing keys of the authority and its release signers: files of their operators, whom nobody here plays but the demo.</summary>
    public string OperatorFolder => PartyFolder("operator");

    /// <summary>The signed releases that heads name.</summary>
    public string ReleasesFolder => PartyFolder("releases");

    private static string Origin => $"{Authority}/veil";

    private async Task StartLogAsync(TimeSpan epoch, IssuedCertificate gateway, Action<string> step, CancellationToken cancellation)
    {
        Task<string> MakeKey(string owner, string file, params string[] options) => RunAsync("veil-log", OperatorFolder, ["key", owner, "--out", file, .. options], cancellation);
        string logKey = (await MakeKey(Origin, Path.Combine(PartyFolder("log"), "log.key"))).Trim();
        string authorityKey = (await MakeKey(Authority, "authority.key")).Trim();
        string[] signers = [(await MakeKey("alice.veil.test", "alice.key")).Trim(), (await MakeKey("bob.veil.test", "bob.key")).Trim()];
        string[] witnesses =
        [
            (await MakeKey("witness1.veil.test", Path.Combine(PartyFolder("witness-1"), "witness.key"), "--cosignature")).Trim(),
            (await MakeKey("witness2.veil.test", Path.Combine(PartyFolder("witness-2"), "witness.key"), "--cosignature")).Trim(),
        ];
        long length = (long)epoch.TotalSeconds;

        // An epoch ago, so that there is a head before: the first is filled in when the gateway begins.
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        long genesis = _options.LogAge is { } age ? now - (long)age.TotalSeconds : (now / length * length) - length;
        _ = ClientFolder();
        await RunAsync(
            "veil-log",
            Folder,
            [
                "bundle", "--authority", Authority, "--log-key", logKey, "--authority-key", authorityKey, "--genesis", genesis.ToString(CultureInfo.InvariantCulture),
                "--epoch-seconds", length.ToString(CultureInfo.InvariantCulture), "--witness-threshold", "2", "--release-threshold", "2", "--out", BundleFile,
                .. witnesses.SelectMany(key => new[] { "--witness", key }), .. signers.SelectMany(key => new[] { "--release-signer", key }),
            ],
            cancellation);

        Witnesses = [.. Plan.Witnesses.Select((place, index) => NewParty($"witness {index + 1}", "veil-log", place.Management, "/readyz", new JsonObject
        {
            ["Server"] = Server(place, Certify($"witness-{index + 1}", $"witness{index + 1}.veil.test", place)),
            ["Witness"] = new JsonObject
            {
                ["KeyFile"] = "witness.key",
                ["Folder"] = "seen",
                ["Logs"] = new JsonArray(new JsonObject { ["Origin"] = Origin, ["Key"] = logKey }),
            },
        }, "witness"))];
        await Task.WhenAll(Witnesses.Select(witness => witness.StartAsync(cancellation)));
        Log = NewParty("log", "veil-log", Plan.Log.Management, "/readyz", new JsonObject
        {
            ["Server"] = Server(Plan.Log, Certify("log", "log.veil.test", Plan.Log)),
            ["Log"] = new JsonObject
            {
                ["Origin"] = Origin,
                ["KeyFile"] = "log.key",
                ["Folder"] = "entries",
                ["WitnessThreshold"] = 2,
                ["WitnessTls"] = new JsonObject { ["TrustedRootsFile"] = RootFile },
                ["LocalAddress"] = $"{Plan.Log.Public.Address}",
                ["Witnesses"] = new JsonArray([.. Plan.Witnesses.Zip(witnesses, (place, key) => new JsonObject { ["Url"] = $"{place.Url}", ["Key"] = key })]),
                ["Publishers"] = new JsonArray(new JsonObject { ["Name"] = "gateway", ["CertificateSpkiSha256"] = gateway.SpkiSha256 }),
            },
        }, "serve");
        await Log.StartAsync(cancellation);
        step($"log      up: {Origin}, cosigned by 2 witnesses, an epoch lasts {length} s");
    }

    private async Task SignReleaseAsync(string measurement, Action<string> step, CancellationToken cancellation)
    {
        await SignReleaseAsync(ReleaseName, measurement, cancellation);
        step($"release  \"{ReleaseName}\" signed by 2 of 2 release signers");
    }

    private async Task SignReleaseAsync(string name, string measurement, CancellationToken cancellation)
    {
        string file = Path.Combine(ReleasesFolder, $"{name}.release");
        string key = Path.Combine(OperatorFolder, "alice.key");
        await RunAsync("veil-log", Folder, ["release", "sign", file, "--key", key, "--name", name, "--service", ServiceUrl.Host, "--kind", _options.TeeKind, "--measurement", $"{(_options.TeeKind is DeploymentOptions.SevSnp ? "measurement" : "mrtd")}={measurement}"], cancellation);
        await RunAsync("veil-log", Folder, ["release", "sign", file, "--key", Path.Combine(OperatorFolder, "bob.key")], cancellation);
    }

    /// <summary>Waits until the relay mirrors an epoch: without a host, the gateway publishes one a moment after its start.</summary>
    private async Task AwaitEpochAsync(CancellationToken cancellation)
    {
        var roots = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        roots.CustomTrustStore.ImportFromPemFile(RootFile);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = roots } });
        http.DefaultRequestHeaders.TryAddWithoutValidation("Accept", EpochPackage.MediaType);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            using HttpResponseMessage answer = await http.GetAsync(RelayUrl, patience.Token);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), patience.Token);
        }
    }

    private JsonObject Epochs(JsonObject tls, string localAddress)
    {
        if (_options.EpochLength is null)
        {
            return [];
        }

        tls["TrustedRootsFile"] = RootFile;
        return new JsonObject
        {
            ["TrustBundleFile"] = BundleFile,
            ["AuthorityKeyFile"] = Path.Combine(OperatorFolder, "authority.key"),
            ["Log"] = $"{Plan.Log.Url}",
            ["Tls"] = tls,
            ["LocalAddress"] = localAddress,
            ["Directory"] = Path.Combine(PartyFolder("gateway"), "documents"),
            ["ReleasesDirectory"] = ReleasesFolder,
            ["WaitForHosts"] = _options.AwaitHosts ? "00:00:30" : "00:00:01",
        };
    }
}
