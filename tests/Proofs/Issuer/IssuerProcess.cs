using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Veil.Proofs.Issuer;

/// <summary>
/// The issuer's built program in a folder of its own, on loopback, without TLS unless configured. It can be killed and started again; its stores stay.
/// </summary>
public sealed class IssuerProcess : IAsyncDisposable
{
    /// <summary>The bearer secret of the gateway named <c>gateway</c>.</summary>
    public const string GatewaySecret = "the secret of a gateway that exists in tests only";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly StringBuilder _output = new();
    private readonly bool _ownsFolder;
    private Process? _process;

    private IssuerProcess(string folder, bool ownsFolder)
    {
        Folder = folder;
        _ownsFolder = ownsFolder;
    }

    /// <summary>The program that was built beside this one.</summary>
    public static string Program { get; } = typeof(IssuerProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "IssuerProgram").Value!;

    /// <summary>Working directory: configuration, keys, databases.</summary>
    public string Folder { get; }

    /// <summary>Variables that it gets besides this process's own.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Where it listens; a new port after each start.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Plain HTTP for probes and metrics.</summary>
    public Uri Management { get; private set; } = new("http://127.0.0.1");

    /// <summary>Of the running server, or of the tracer in front of it.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Everything it wrote on standard output and error.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Makes the folder and the first key. Not started yet.</summary>
    /// <param name="configure">Changes the configuration before it is written.</param>
    public static async Task<IssuerProcess> CreateAsync(Action<JsonObject>? configure = null)
    {
        var issuer = new IssuerProcess(Directory.CreateTempSubdirectory("veil-issuer-").FullName, ownsFolder: true);
        issuer.Configure(configure);
        await issuer.RunAsync("keys", "init");
        return issuer;
    }

    /// <summary>Another process on the same configuration and key folder; not started yet, and to be disposed before this one.</summary>
    public IssuerProcess Replica() => new(Folder, ownsFolder: false);

    /// <summary>Writes the configuration anew; it holds from the next start.</summary>
    public void Configure(Action<JsonObject>? configure)
    {
        var configuration = new JsonObject
        {
            ["Server"] = new JsonObject { ["Listen"] = "127.0.0.1:0", ["ManagementListen"] = "127.0.0.1:0", ["AllowPlaintext"] = true },
            ["Keys"] = new JsonObject { ["Store"] = new JsonObject { ["Directory"] = "keys", ["WrappingKeyFile"] = "wrapping.key" } },
            ["Redemption"] = new JsonObject
            {
                ["Gateways"] = new JsonArray(new JsonObject
                {
                    ["Name"] = "gateway",
                    ["TokenSha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(GatewaySecret))),
                }),
            },
        };
        configure?.Invoke(configuration);
        File.WriteAllText(Path.Combine(Folder, "issuer.json"), configuration.ToJsonString());
    }

    /// <summary>Runs a command of the program and gives its standard output.</summary>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public async Task<string> RunAsync(params string[] arguments)
    {
        (int exitCode, string output, string error) = await TryRunAsync(arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"veil-issuer {string.Join(' ', arguments)} ended with {exitCode}: {error}");
    }

    /// <summary>Runs a command of the program.</summary>
    public async Task<(int ExitCode, string Output, string Error)> TryRunAsync(params string[] arguments)
    {
        using Process process = Process.Start(StartInfo(Program, [.. arguments, "--config", "issuer.json"]))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Adds an account and gives its API key.</summary>
    public async Task<string> AddAccountAsync(string name, int quota)
    {
        string line = await RunAsync("accounts", "add", name, "--quota", quota.ToString(System.Globalization.CultureInfo.InvariantCulture), "--json");
        using JsonDocument json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("api_key").GetString()!;
    }

    /// <summary>Starts the server and waits until it listens.</summary>
    /// <param name="tracer">A program with arguments in front of it, such as strace.</param>
    public async Task StartAsync(params string[] tracer)
    {
        string[] command = [.. tracer, Program, "serve", "--config", "issuer.json"];
        var listens = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = StartInfo(command[0], command[1..]), EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data, listens);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, listens);
        _process.Exited += (_, _) => listens.TrySetException(new InvalidOperationException($"The issuer ended: {Output}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        string started = await listens.Task.WaitAsync(StartTimeout);
        Uri[] addresses = [.. started.Split(' ', ',').Where(word => word.StartsWith("http", StringComparison.Ordinal)).Select(word => new Uri(word))];
        (Address, Management) = (addresses[0], addresses[1]);
    }

    /// <summary>SIGKILL, at once.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGTERM; gives the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (Process kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        int exitCode = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return exitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }

    private ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private void Take(string? line, TaskCompletionSource<string> listens)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line.Contains("LifetimeEvents.Started", StringComparison.Ordinal))
            listens.TrySetResult(line);
    }
}
