using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Veil.Transparency;

namespace Veil.Proofs.TransparencyLog;

/// <summary>
/// A log and its witnesses as processes on loopback, in a folder of their own: configuration, keys and state. The log speaks without TLS, so that a trace of its system calls
/// can be read; the witnesses have a certificate. Nothing runs until it is started.
/// </summary>
public sealed class LogRig : IAsyncDisposable
{
    /// <summary>The log's name.</summary>
    public const string Origin = "gateway.example/veil";

    /// <summary>The bearer secret of the one publisher.</summary>
    public const string Secret = "the secret of a publisher that exists in tests only";

    private readonly int _port = FreePort();
    private readonly int[] _witnessPorts;
    private readonly LogProgram?[] _running;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly LoopbackCertificate _certificate;
    private LogProgram? _log;

    private LogRig(string folder, int witnesses)
    {
        Folder = folder;
        _witnessPorts = [.. Enumerable.Range(0, witnesses).Select(_ => FreePort())];
        _running = new LogProgram?[witnesses];
        _certificate = new LoopbackCertificate(folder);
        WitnessHttp = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new() { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == _certificate.Hash },
        });
    }

    /// <summary>Working directory of all processes.</summary>
    public string Folder { get; }

    /// <summary>The log's own folder.</summary>
    public string LogFolder => Path.Combine(Folder, "log");

    /// <summary>Which checkpoints count.</summary>
    public WitnessPolicy Policy { get; private set; } = null!;

    /// <summary>Where the log listens.</summary>
    public Uri Address => new($"http://127.0.0.1:{_port}/");

    /// <summary>The running log.</summary>
    public LogProgram Log => _log ?? throw new InvalidOperationException("The log does not run.");

    /// <summary>For calls to witnesses; their certificate is theirs alone.</summary>
    public HttpClient WitnessHttp { get; }

    /// <summary>For calls to the log.</summary>
    public HttpClient Http => _http;

    /// <summary>Makes folder, keys and configuration.</summary>
    public static async Task<LogRig> CreateAsync(int witnesses = 2, int? threshold = null)
    {
        var rig = new LogRig(Directory.CreateTempSubdirectory("veil-log-").FullName, witnesses);
        NoteVerifierKey log = await rig.MakeKeyAsync(Origin, "log.key");
        var keys = new List<NoteVerifierKey>();
        for (int i = 0; i < witnesses; i++)
        {
            keys.Add(await rig.MakeKeyAsync($"witness.example/{i}", $"witness{i}.key", "--cosignature"));
        }

        rig.Policy = new WitnessPolicy(Origin, log, keys, threshold ?? witnesses);
        rig.Write("log.json", rig.LogConfiguration());
        for (int i = 0; i < witnesses; i++)
        {
            rig.Write($"witness{i}.json", rig.WitnessConfiguration(i));
        }

        return rig;
    }

    /// <summary>Makes a key file with the program.</summary>
    public async Task<NoteVerifierKey> MakeKeyAsync(string name, string file, params string[] more)
    {
        (int code, string output, string error) = await LogProgram.RunAsync(Folder, ["key", name, "--out", file, .. more]);
        return code is 0 && NoteVerifierKey.TryParse(output.Trim(), out NoteVerifierKey? key) ? key : throw new InvalidOperationException($"No key: {error}");
    }

    /// <summary>The log's configuration, to be changed and written again.</summary>
    public JsonObject LogConfiguration() => new()
    {
        ["Server"] = new JsonObject { ["Listen"] = $"127.0.0.1:{_port}", ["ManagementListen"] = "127.0.0.1:0", ["AllowPlaintext"] = true },
        [nameof(Log)] = new JsonObject
        {
            ["Origin"] = Origin,
            ["KeyFile"] = "log.key",
            [nameof(Folder)] = "log",
            ["WitnessThreshold"] = Policy.Threshold,
            ["WitnessTls"] = new JsonObject { ["TrustedRootsFile"] = _certificate.CertificateFile },
            ["Witnesses"] = new JsonArray([.. Policy.Witnesses.Select((key, i) => new JsonObject { ["Url"] = WitnessAddress(i).ToString(), ["Key"] = key.ToString() })]),
            ["Publishers"] = new JsonArray(new JsonObject
            {
                ["Name"] = "gateway",
                ["SecretSha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Secret))),
            }),
        },
    };

    /// <summary>Writes a file of JSON.</summary>
    public void Write(string name, JsonNode json) => File.WriteAllText(Path.Combine(Folder, name), json.ToJsonString());

    /// <summary>Where a witness listens.</summary>
    public Uri WitnessAddress(int witness) => new($"https://127.0.0.1:{_witnessPorts[witness]}/");

    /// <summary>Starts every witness and the log.</summary>
    public async Task StartAsync()
    {
        for (int i = 0; i < _running.Length; i++)
        {
            await StartWitnessAsync(i);
        }

        await StartLogAsync();
    }

    /// <summary>Starts a witness and waits until it listens.</summary>
    public Task StartWitnessAsync(int witness) => (_running[witness] = LogProgram.Start(Folder, ["witness", "--config", $"witness{witness}.json"])).ListensAsync();

    /// <summary>SIGSTOP for a witness, which then answers nothing, or SIGCONT.</summary>
    public Task HaltWitnessAsync(int witness, bool halted) => _running[witness]!.SignalAsync(halted ? "STOP" : "CONT");

    /// <summary>SIGKILL for a witness.</summary>
    public Task KillWitnessAsync(int witness) => _running[witness]!.KillAsync();

    /// <summary>Starts the log and waits until it listens.</summary>
    public Task StartLogAsync(params string[] tracer) => BeginLog(tracer).ListensAsync();

    /// <summary>Starts the log; it may not listen yet.</summary>
    public LogProgram BeginLog(params string[] tracer) => _log = LogProgram.Start(Folder, ["serve", "--config", "log.json"], tracer);

    /// <summary>SIGKILL for the log.</summary>
    public async Task KillLogAsync()
    {
        await Log.DisposeAsync();
        _log = null;
    }

    /// <summary>Posts an entry for a place.</summary>
    public async Task<(HttpStatusCode Status, byte[] Body)> AppendAsync(long index, byte[] entry, string secret = Secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, string.Create(CultureInfo.InvariantCulture, $"append?index={index}")))
        {
            Content = new ByteArrayContent(entry),
            Headers = { { "Authorization", $"Bearer {secret}" } },
        };
        using HttpResponseMessage answer = await _http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Posts a request to a witness.</summary>
    public async Task<(HttpStatusCode Status, string Body, string? MediaType)> AddCheckpointAsync(int witness, byte[] request)
    {
        using var content = new ByteArrayContent(request);
        using HttpResponseMessage answer = await WitnessHttp.PostAsync(new Uri(WitnessAddress(witness), "add-checkpoint"), content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>The log's signing key.</summary>
    public NoteSigner ReadLogKey() => NoteSigner.TryParse(File.ReadAllText(Path.Combine(Folder, "log.key")).Trim(), out NoteSigner? key) ? key : throw new InvalidOperationException("No key.");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (LogProgram? program in _running.Append(_log))
        {
            if (program is not null)
                await program.DisposeAsync();
        }

        _http.Dispose();
        WitnessHttp.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private JsonObject WitnessConfiguration(int witness) => new()
    {
        ["Server"] = new JsonObject
        {
            ["Listen"] = $"127.0.0.1:{_witnessPorts[witness]}",
            ["ManagementListen"] = "127.0.0.1:0",
            ["CertificateFile"] = _certificate.CertificateFile,
            ["KeyFile"] = _certificate.KeyFile,
        },
        ["Witness"] = new JsonObject
        {
            ["KeyFile"] = $"witness{witness}.key",
            [nameof(Folder)] = $"witness{witness}",
            ["Logs"] = new JsonArray(new JsonObject { ["Origin"] = Origin, ["Key"] = Policy.LogKey.ToString() }),
        },
    };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
