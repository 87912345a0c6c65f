using Veil.Bench.Issuing;
using Veil.Bench.Measuring;

namespace Veil.Bench;

/// <summary>
/// Tokens a second that the issuer's program gives on one core, from socket to socket: TLS, HTTP/2, account, quota on disk, signatures. Type 2 in generic batches is
/// compared with <c>openssl speed rsa2048</c>, which signs and does nothing else; the two run in turn. Types 1 and 5 come in amortized batches.
/// </summary>
internal sealed class IssueBench : IBench
{
    private const int Rounds = 5;

    /// <summary>Rounds that do not count: a server that has just started is still being compiled.</summary>
    private const int Warmups = 4;
    private const double TypeTwoTarget = 0.85;
    private const double TypeOneTarget = 1_300;
    private const double TypeFiveTarget = 8_000;

    public string Name => "issue";

    public string Description => "tokens a second from an issuer on one core, over HTTP/2 and TLS: types 2 (against openssl speed), 1 and 5 (about 2 min)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync() =>
    [
        .. await MeasureAsync(type: 2, batches: 100, Cores.OnTheFirst, (rate, openssl) => BenchResult.Rate("issue type 2", rate, "1/s", openssl, TypeTwoTarget)),
        .. await MeasureAsync(type: 1, batches: 40, null, (rate, _) => BenchResult.AtLeast("issue type 1", rate, "1/s", TypeOneTarget)),
        .. await MeasureAsync(type: 5, batches: 200, null, (rate, _) => BenchResult.AtLeast("issue type 5", rate, "1/s", TypeFiveTarget)),
    ];

    /// <summary>Medians of rounds: machines change their speed.</summary>
    private static async Task<BenchResult[]> MeasureAsync(ushort type, int batches, string[]? opensslPrefix, Func<double, double, BenchResult> compare)
    {
        await using IssuingLoad load = await IssuingLoad.StartAsync(type, batches);
        Cores.LeaveTheFirst();
        var rates = new List<double>();
        var openssl = new List<double>();
        long cpu = 0;
        for (int round = -Warmups; round < Rounds; round++)
        {
            openssl.Add(opensslPrefix is null ? 0 : await OpensslSpeed.SignsPerSecondAsync(opensslPrefix));
            long before = load.CpuNanoseconds;
            double rate = await load.RoundAsync();
            if (round < 0)
                continue;
            rates.Add(rate);
            cpu += load.CpuNanoseconds - before;
        }

        return
        [
            compare(Median.Of(rates), Median.Of(openssl)),
            BenchResult.Figure($"issue type {type}, CPU a token", cpu / 1000.0 / (Rounds * load.TokensPerRound), "us"),
        ];
    }
}
