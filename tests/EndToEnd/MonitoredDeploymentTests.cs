using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Veil.DevStack;
using Veil.Proofs.TransparencyLog;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.EndToEnd;

/// <summary>A deployment whose keys all change within seconds.</summary>
public sealed class BusyDeploymentFixture : DeploymentFixture
{
    internal static readonly TimeSpan Epoch = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    /// <remarks>Keys are announced far ahead, and epochs are long enough for a busy machine: a head that is late is told of too, and rightly.</remarks>
    protected override DeploymentOptions Options => base.Options with
    {
        Record = false,
        EpochLength = Epoch,
        MirrorRefresh = Epoch / 2,
        GatewayKeys = new(6 * Epoch, Notice: 5 * Epoch, Grace: 5 * Epoch, Overlap: 2 * Epoch),
        IssuerKeys = new(7 * Epoch, Notice: 6.5 * Epoch, Grace: 7 * Epoch, Overlap: 2 * Epoch),
        DirectoryRefresh = Epoch / 2,
        Environment = new Dictionary<string, string>
        {
            ["Hosts__RetryAfter"] = "00:00:00.100",
            ["Hosts__VerifyEvery"] = "00:00:01",
            ["Host__EpochLength"] = "00:00:10",
            ["Host__EpochNotice"] = "00:00:02",
            ["Host__EpochGrace"] = "00:00:05",
        },
    };
}

/// <summary><c>veil-log monitor</c> beside a running authority: the log that its gateway writes to, and the folder that it keeps its documents in.</summary>
public sealed class MonitoredDeploymentTests(BusyDeploymentFixture fixture) : IClassFixture<BusyDeploymentFixture>
{
    /// <summary>OHTTP keys documents, issuer directories and machines that heads must have named before a quiet monitor says anything.</summary>
    private const int KeysDocuments = 4;
    private const int Directories = 3;
    private const int Machines = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Deployment Deployment => fixture.Deployment;

    [Fact]
    public async Task The_monitor_is_silent_while_keys_and_hosts_of_an_honest_authority_change_and_names_what_is_wrong_with_a_folder_and_a_second_head()
    {
        using HttpClient ordinary = fixture.NewOrdinaryClient();
        var heads = new PublishedHeads(Deployment, ordinary);
        await using LogProgram monitor = LogProgram.Start(Deployment.Folder, MonitorCommand(heads, "--every", "0.5"));

        // 1. Epoch after epoch with a new OHTTP key, a new issuer key, and a host that starts anew: nothing to report, and of the whole log at one look neither.
        await UntilAsync(async () => await heads.SizeAsync() > 3);
        await Deployment.Hosts[0].StopAsync();
        await Deployment.Hosts[0].StartAsync(Cancellation);
        await UntilAsync(async () => HasChanged(heads, await heads.ReadAsync()));
        long size = await heads.SizeAsync();
        await UntilAsync(() => Task.FromResult(EntriesSeen(monitor.Output) >= size));
        Assert.Empty(Findings(monitor.Output));
        Assert.Equal((0, ""), await LookAsync(heads));

        // 2. The same folder, with one thing wrong: the record of a host that a head named once, away or with one bit changed, and a fleet that lost its last host.
        EpochHead[] published = await heads.ReadAsync();
        string[] inUse = [.. published[^4..].SelectMany(heads.RecordFiles)];
        EpochHead older = published.First(head => head.FleetTotal is 2 && !heads.RecordFiles(head).Intersect(inUse).Any());
        string record = heads.RecordFiles(older).First();
        string missing = All("MissingDocument", published, head => heads.RecordFiles(head).Contains(record));
        Assert.Equal((1, missing), await LookWithAsync(heads, record, null));
        Assert.Equal((1, missing), await LookWithAsync(heads, record, content => [.. content[..^1], (byte)(content[^1] ^ 1)]));
        Assert.Equal((1, All("WrongFleet", published, head => head.FleetRoot.Span.SequenceEqual(older.FleetRoot.Span))), await LookWithAsync(heads, heads.FleetFile(older), content => content[..SHA256.HashSizeInBytes]));
        Assert.Equal((0, ""), await LookAsync(heads));

        // 3. The authority signs a second head for an epoch, and its gateway's certificate adds it: both the monitor that was there all along and one that comes later say where.
        long index = await AppendSecondHeadAsync(heads);
        await UntilAsync(() => Task.FromResult(Findings(monitor.Output).Any()));
        Assert.Equal([$"EpochMismatch {index}"], Findings(monitor.Output));
        Assert.StartsWith($"(1, EpochMismatch {index}", $"{await LookAsync(heads)}", StringComparison.Ordinal);
        Assert.Equal(1, await monitor.StopAsync());
    }

    /// <summary>A finding for each head of a kind. One that repeats the fleet of the head before, as hosts that stay in the order of before make it, is not judged again.</summary>
    private static string All(string finding, EpochHead[] published, Func<EpochHead, bool> isMeant) => string.Join(", ", published
        .Where((head, index) => index is 0 || !head.FleetRoot.Span.SequenceEqual(published[index - 1].FleetRoot.Span))
        .Where(isMeant).Select(head => string.Create(CultureInfo.InvariantCulture, $"{finding} {head.Epoch}")));

    private static bool HasChanged(PublishedHeads heads, EpochHead[] published) =>
        Different(published, head => head.Keys) >= KeysDocuments && Different(published, head => head.Issuer) >= Directories && published[^1].FleetTotal is 2
        && published.SelectMany(heads.Fleet).DistinctBy(host => host.Guest).Count() >= Machines
        && published[..^4].Any(head => head.FleetTotal is 2 && !heads.RecordFiles(head).Intersect(published[^4..].SelectMany(heads.RecordFiles)).Any());

    private static int Different(EpochHead[] published, Func<EpochHead, ReadOnlyMemory<byte>> document) => published.DistinctBy(head => Convert.ToHexString(document(head).Span)).Count();

    private string[] MonitorCommand(PublishedHeads heads, params string[] more) =>
    [
        "monitor", "--trust", Deployment.BundleFile, "--log", Deployment.Plan.Log.Url.AbsoluteUri, "--roots", Deployment.RootFile, "--documents", heads.Folder, "--json",
        .. Directory.GetFiles(Deployment.ReleasesFolder).SelectMany(file => new[] { "--release", file }), .. more,
    ];

    /// <summary>One look by a monitor that knows nothing yet: its exit code and its findings.</summary>
    private async Task<(int Code, string Findings)> LookAsync(PublishedHeads heads)
    {
        (int code, string output, _) = await LogProgram.RunAsync(Deployment.Folder, MonitorCommand(heads, "--once"));
        return (code, string.Join(", ", Findings(output)));
    }

    /// <summary>The same while a file is away, or another, which is put right again.</summary>
    private async Task<(int Code, string Findings)> LookWithAsync(PublishedHeads heads, string file, Func<byte[], byte[]>? change)
    {
        byte[] content = await File.ReadAllBytesAsync(file, Cancellation);
        if (change is null)
            File.Delete(file);
        else
            await File.WriteAllBytesAsync(file, change(content), Cancellation);
        try
        {
            return await LookAsync(heads);
        }
        finally
        {
            await File.WriteAllBytesAsync(file, content, CancellationToken.None);
        }
    }

    /// <summary>How many entries the log had at the last look.</summary>
    private static long EntriesSeen(string output) =>
        output.Split('\n').LastOrDefault(line => line.EndsWith(" entries", StringComparison.Ordinal)) is { } look ? long.Parse(look.Split(' ')[^2], CultureInfo.InvariantCulture) : 0;

    /// <summary>Kinds and indices of the findings among what the program wrote.</summary>
    private static IEnumerable<string> Findings(string output) => output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement)
        .Select(finding => string.Create(CultureInfo.InvariantCulture, $"{finding.GetProperty("finding").GetString()} {finding.GetProperty("index").GetInt64()}"));

    /// <summary>Adds the last head once more, with another challenge, behind itself; gives its index.</summary>
    private async Task<long> AppendSecondHeadAsync(PublishedHeads heads)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(Path.Combine(Deployment.Gateway.Folder, "tls.pem"), Path.Combine(Deployment.Gateway.Folder, "tls.key"));
        var roots = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        roots.CustomTrustStore.ImportFromPemFile(Deployment.RootFile);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = roots, ClientCertificates = [certificate] } });
        Assert.True(NoteSigner.TryParse((await File.ReadAllTextAsync(Path.Combine(Deployment.OperatorFolder, "authority.key"), Cancellation)).Trim(), out NoteSigner? authority));
        using (authority)
        {
            // The gateway may be first with its next head.
            for (int tries = 0; ; tries++)
            {
                EpochHead last = (await heads.ReadAsync())[^1];
                long index = last.Epoch + 1;
                using var entry = new ByteArrayContent(authority.Sign([.. (last with { Challenge = SHA256.HashData("another"u8) }).Write(), (byte)'\n']));
                using HttpResponseMessage answer = await http.PostAsync(new Uri(Deployment.Plan.Log.Url, $"append?index={index}"), entry, Cancellation);
                if (answer.StatusCode is HttpStatusCode.Conflict && tries < 20)
                    continue;
                answer.EnsureSuccessStatusCode();
                return index;
            }
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (!await condition())
            await Task.Delay(200, patience.Token);
    }
}
