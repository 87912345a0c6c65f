using System.Globalization;
using System.Security.Cryptography;
using Veil.Bench.Gateways;
using Veil.Bench.Measuring;
using Veil.Bhttp;
using Veil.Crypto;
using Veil.Ohttp;

namespace Veil.Bench;

/// <summary>
/// A gateway process on one core, load from the other: what one encapsulated request of 1 KiB costs it, from socket to socket, against the two
/// things that nobody can leave out, an X25519 agreement and a bare HTTP exchange of the same size.
/// </summary>
internal sealed class GatewayBench : IBench
{
    private const int ContentSize = 1024;
    private const int Requests = 10_000;
    private const int Rounds = 8;

    /// <summary>Rounds that do not count: a server that has just started is still being compiled.</summary>
    private const int Warmups = 6;
    private const double Target = 0.78;

    public string Name => "gateway";

    public string Description => "CPU of the gateway per plain request of 1 KiB over HTTP/1.1, against X25519 and a bare app.Run";

    public async Task<IReadOnlyList<BenchResult>> RunAsync()
    {
        using BenchServer bare = await BenchServer.StartAsync("gateway-bare");
        using BenchServer gateway = await BenchServer.StartAsync("gateway-server");
        LoadGenerator.Pin();
        KeyConfig key = await gateway.KeyAsync();
        byte[][] plain = [.. Enumerable.Range(0, Requests).Select(_ => LoadGenerator.Post("/", "application/octet-stream", RandomNumberGenerator.GetBytes(ContentSize)))];

        // Machines change their speed between rounds: the medians of rounds that took turns are compared, not the best of each.
        var agreements = new List<double>();
        var bareCosts = new List<LoadFigures>();
        var gatewayCosts = new List<LoadFigures>();
        for (int round = -Warmups; round < Rounds; round++)
        {
            double x25519 = Agreement();
            LoadFigures bareRound = LoadGenerator.Run(bare, plain);
            LoadFigures gatewayRound = LoadGenerator.Run(gateway, Sealed(key));
            if (round < 0)
                continue;
            agreements.Add(x25519);
            bareCosts.Add(bareRound);
            gatewayCosts.Add(gatewayRound);
        }

        agreements.Sort();
        double agreement = agreements[agreements.Count / 2];
        LoadFigures bareCost = LoadFigures.Median(bareCosts);
        LoadFigures gatewayCost = LoadFigures.Median(gatewayCosts);
        return
        [
            BenchResult.Cost("gateway 1 KiB request", gatewayCost.CpuMicroseconds, "us", agreement + bareCost.CpuMicroseconds, Target),
            BenchResult.Figure("bare app.Run 1 KiB", bareCost.CpuMicroseconds, "us"),
            BenchResult.Figure("X25519", agreement, "us"),
            BenchResult.Figure("gateway p50", gatewayCost.P50Microseconds, "us"),
            BenchResult.Figure("gateway p99", gatewayCost.P99Microseconds, "us"),
            BenchResult.Figure("gateway peak RSS", gateway.PeakResident / 1048576.0, "MiB"),
        ];
    }

    /// <summary>Requests that were never seen: each is sealed for itself.</summary>
    private static byte[][] Sealed(KeyConfig key)
    {
        var fields = new FieldSection().Add("date", DateTimeOffset.UtcNow.ToString("r", CultureInfo.InvariantCulture)).Add("content-type", "application/octet-stream");
        var request = new BinaryRequest(new RequestHead("POST", "https", EchoDestination.Name, "/", fields), RandomNumberGenerator.GetBytes(ContentSize));
        byte[] message = new byte[request.Size];
        request.TryWrite(message, out _);
        byte[] encapsulated = new byte[RequestSealer.GetSize(key, message.Length)];
        byte[][] posts = new byte[Requests][];
        for (int i = 0; i < posts.Length; i++)
        {
            RequestSealer.Seal(key, key.Choose()!.Value, message, encapsulated, out _).Dispose();
            posts[i] = LoadGenerator.Post("/.well-known/ohttp-gateway", OhttpMediaType.Request, encapsulated);
        }

        return posts;
    }

    private static double Agreement()
    {
        using AgreementKey own = KeyAgreement.X25519.Generate();
        using AgreementKey peer = KeyAgreement.X25519.Generate();
        byte[] peerKey = peer.PublicKey.ToArray();
        byte[] secret = new byte[KeyAgreement.SharedSecretSize];
        return InterleavedRounds.BestMicroseconds(3, 2000, () => own.TryDerive(peerKey, secret))[0];
    }
}
