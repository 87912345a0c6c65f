using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Veil.DevStack;

/// <summary>One party's program, running in a folder of its own with its output kept in a file there.</summary>
public sealed class PartyProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    private readonly ProcessStartInfo _start;
    private readonly Uri _readyAt;
    private Process? _process;

    internal PartyProcess(string name, string assembly, string folder, Uri readyAt, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        Name = name;
        Folder = folder;
        _readyAt = readyAt;
        _start = new ProcessStartInfo(DotnetHost(), [PartyPrograms.Path(assembly), .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        foreach ((string variable, string value) in environment)
        {
            _start.Environment[variable] = value;
        }
    }

    /// <summary>The party's name as the report shows it.</summary>
    public string Name { get; }

    /// <summary>Its working folder: configuration, keys, stores, and the files below.</summary>
    public string Folder { get; }

    /// <summary>What it wrote to standard output and standard error.</summary>
    public string OutputFile => Path.Combine(Folder, "output.log");

    /// <summary>What the recorder kept, one exchange a line.</summary>
    public string RecordFile => Path.Combine(Folder, "received.jsonl");

    /// <summary>The running program's process id.</summary>
    public int Id => Running.Id;

    /// <summary>False once the program has ended.</summary>
    public bool IsRunning => _process is { HasExited: false };

    private Process Running => _process ?? throw new InvalidOperationException($"{Name} was not started.");

    /// <summary>Starts the program and waits until it is ready to serve.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        _process = Process.Start(_start) ?? throw new DevStackException($"{Name} could not be started.");
        _ = CopyAsync(_process.StandardOutput);
        _ = CopyAsync(_process.StandardError);

        using var http = new HttpClient();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(ReadyWithin);
        while (true)
        {
            if (_process.HasExited)
            {
                throw new DevStackException($"{Name} stopped at its start (exit {_process.ExitCode}): {await LastLineAsync()}");
            }

            try
            {
                if (await IsReadyAsync(http, patience.Token) && !_process.HasExited)
                {
                    return;
                }

                await Task.Delay(PollEvery, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new DevStackException($"{Name} was not ready within {ReadyWithin.TotalSeconds:0} s: {await LastLineAsync()}");
            }
        }
    }

    /// <summary>Ends the program as a power cut would.</summary>
    public async Task KillAsync()
    {
        Running.Kill(entireProcessTree: true);
        await Running.WaitForExitAsync();
    }

    /// <summary>Asks the program to drain and stop (SIGTERM), and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (IsRunning)
        {
            using Process? signal = OperatingSystem.IsWindows() ? null : Process.Start("kill", ["-TERM", $"{Running.Id}"]);
            using var patience = new CancellationTokenSource(StopWithin);
            try
            {
                await Running.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                await KillAsync();
            }
        }

        return Running.ExitCode;
    }

    /// <summary>Ends the program at once if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await KillAsync();
        }

        _process?.Dispose();
    }

    internal static string DotnetHost() => Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) is "dotnet" ? self : "dotnet";

    /// <summary>True once the program says so itself, or accepts connections where it has no management port.</summary>
    private async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellation)
    {
        try
        {
            if (_readyAt.AbsolutePath == "/")
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPEndPoint.Parse(_readyAt.Authority), cancellation);
                return true;
            }

            using HttpResponseMessage answer = await http.GetAsync(_readyAt, cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException)
        {
            return false;
        }
    }

    private async Task CopyAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            lock (_start)
            {
                File.AppendAllText(OutputFile, line + "\n");
            }
        }
    }

    private async Task<string> LastLineAsync()
    {
        await Task.Delay(100); // The last lines of a program that has just ended are still on their way through the pipe.
        return File.Exists(OutputFile) ? File.ReadLines(OutputFile).LastOrDefault(line => line.Length > 0) ?? "no output" : "no output";
    }
}
