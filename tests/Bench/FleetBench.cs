using System.Diagnostics;
using Veil.Bench.Fleets;
using Veil.ClientSdk;

namespace Veil.Bench;

/// <summary>
/// A client's start, from nothing but a trust bundle to a view that it relies on, over TLS and Oblivious HTTP on loopback: mirror, documents, hosts, every proof and
/// every appraisal. A small fleet is fetched whole, of a larger one two hosts are drawn, so the cost of the largest is held to that of the smallest.
/// </summary>
internal sealed class FleetBench : IBench
{
    private const int Rounds = 9;

    /// <summary>At most 1.3 times the smallest fleet's.</summary>
    private const double Target = 1 / 1.3;

    private static readonly int[] Sizes = [64, 1_000, 100_000];

    public string Name => "fleet";

    public string Description => "a client's start before fleets of 64, 1,000 and 100,000 hosts: bytes of bodies and time (about 30 s)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync()
    {
        using var machines = new MachineFleet(DateTimeOffset.UtcNow);
        var servers = new List<FleetServer>();
        try
        {
            foreach (int size in Sizes)
                servers.Add(await FleetServer.StartAsync(machines, size));

            double[] best = [.. servers.Select(_ => double.MaxValue)];
            double[] bytes = new double[servers.Count];
            for (int round = -1; round < Rounds; round++)
            {
                for (int i = 0; i < servers.Count; i++)
                {
                    (double took, long moved) = await StartAsync(servers[i], machines);
                    if (round >= 0)
                        (best[i], bytes[i]) = (Math.Min(best[i], took), Math.Max(bytes[i], moved));
                }
            }

            return [.. Sizes.SelectMany((size, i) => new[] { Result(size, "bytes", bytes, i, "B"), Result(size, "time", best, i, "us") })];
        }
        finally
        {
            foreach (FleetServer server in servers)
                await server.DisposeAsync();
        }
    }

    private static BenchResult Result(int size, string what, double[] values, int index, string unit)
    {
        string name = $"{size:N0} hosts, {what}";
        return index is 0 ? BenchResult.Figure(name, values[0], unit) : BenchResult.Cost(name, values[index], unit, values[0], index == Sizes.Length - 1 ? Target : null);
    }

    /// <summary>One start; the best round counts for time, the largest for bytes.</summary>
    private static async Task<(double Microseconds, long Bytes)> StartAsync(FleetServer server, MachineFleet machines)
    {
        (long bytes, TimeSpan making) = (server.Bytes, machines.Making);
        long started = Stopwatch.GetTimestamp();
        using var handler = new VeilHandler(server.NewClient());
        TrustedView view = await handler.GetViewAsync(CancellationToken.None);
        double took = (Stopwatch.GetElapsedTime(started) - (machines.Making - making)).TotalMicroseconds;
        return view.HostCount(MachineFleet.Service) > 0 ? (took, server.Bytes - bytes) : throw new InvalidOperationException("The view has no host.");
    }
}
