using System.Diagnostics;
using System.Globalization;
using System.Net;
using Veil.Bench.Measuring;
using Veil.Ohttp;

namespace Veil.Bench.Gateways;

/// <summary>A child process that serves on loopback, pinned to the first core, until it is disposed.</summary>
internal sealed class BenchServer : IDisposable
{
    private readonly Process _process;

    private BenchServer(Process process, int port)
    {
        _process = process;
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
    }

    public IPEndPoint EndPoint { get; }

    public long CpuNanoseconds => CpuClock.ProcessNanoseconds(_process.Id);

    public long PeakResident => ProcessMemory.PeakResident(_process.Id);

    /// <summary>Starts this program again as the child and waits for its port.</summary>
    public static async Task<BenchServer> StartAsync(string child)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet")
            start.ArgumentList.Add(typeof(BenchServer).Assembly.Location);
        start.ArgumentList.Add("child");
        start.ArgumentList.Add(child);
        Process process = Process.Start(start) ?? throw new InvalidOperationException("The child did not start.");
        string? line;
        while ((line = await process.StandardOutput.ReadLineAsync()) is not null)
        {
            if (line.StartsWith("port ", StringComparison.Ordinal))
            {
                process.StandardOutput.BaseStream.CopyToAsync(Stream.Null).GetAwaiter();
                return new(process, int.Parse(line[5..], CultureInfo.InvariantCulture));
            }
        }

        throw new InvalidOperationException($"The child {child} ended without a port.");
    }

    public async Task<KeyConfig> KeyAsync()
    {
        using var http = new HttpClient();
        byte[] keys = await http.GetByteArrayAsync(new Uri($"http://{EndPoint}/.well-known/ohttp-gateway"));
        return KeyConfig.TryParseCollection(keys, out IReadOnlyList<KeyConfig>? configs, out OhttpError error) ? configs[0] : throw new InvalidOperationException(error.ToString());
    }

    /// <summary>The child ends when its standard input does.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(10_000))
            _process.Kill();
        _process.Dispose();
    }
}
