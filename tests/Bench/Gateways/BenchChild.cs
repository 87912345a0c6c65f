using System.Diagnostics;
using Microsoft.AspNetCore.Builder;

namespace Veil.Bench.Gateways;

/// <summary>What the served children have in common: the first core, the port on standard output, the end of standard input.</summary>
internal static class BenchChild
{
    public static async Task<int> ServeAsync(WebApplication app)
    {
        if (OperatingSystem.IsLinux())
            Process.GetCurrentProcess().ProcessorAffinity = 1;
        await app.StartAsync();
        Console.WriteLine($"port {new Uri(app.Urls.First()).Port}");
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        return 0;
    }
}
