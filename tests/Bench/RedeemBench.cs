using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Veil.Bench.Measuring;
using Veil.Bench.Redeeming;
using Veil.PrivacyPass;
using Veil.Proofs.Databases;
using Veil.Proofs.Issuer;

namespace Veil.Bench;

/// <summary>
/// Tokens redeemed a second over HTTP, durably, with the issuer, its database and the load on this one machine. The tokens are signed before the clock and used for every
/// measurement, each of which has an issuer of its own with an empty store. Baselines: the database alone with as many rows, and the verification of the tokens alone on all cores.
/// All of them are measured in turn, round after round; what counts is the median.
/// </summary>
internal sealed class RedeemBench : IBench
{
    private const int Rounds = 3;
    private const int Warmup = 60_000;
    private const int Measured = 100_000;
    private const int MeasuredSingly = 40_000;
    private const int PerCall = 100;
    private const int Callers = 16;
    private const int SingleCallers = 64;
    private const double PostgresTarget = 25_000;
    private const double SqliteTarget = 20_000;
    private const double SingleTarget = 8_000;

    public string Name => "redeem";

    public string Description => "tokens of type 2 redeemed a second on PostgreSQL and SQLite, 100 a call and one a call (about 4 min)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync()
    {
        if (PostgresCluster.Unavailable is { } missing)
            throw new BenchException(missing, new PlatformNotSupportedException(missing));
        using var mint = new TokenMint();
        byte[][] tokens = mint.Mint(Warmup + Measured, CancellationToken.None);
        await using PostgresCluster cluster = await PostgresCluster.StartAsync("shared_buffers=512MB", "max_wal_size=8GB");
        var rounds = new List<Round>();
        while (rounds.Count < Rounds)
            rounds.Add(await MeasureAsync(mint, cluster, tokens));

        double verified = Of(round => round.Verified), rawPostgres = Of(round => round.RawPostgres), rawSqlite = Of(round => round.RawSqlite);
        double postgres = Of(round => round.Postgres.PerSecond), sqlite = Of(round => round.Sqlite.PerSecond);
        return
        [
            BenchResult.AtLeast("postgresql, 100 a call", postgres, "1/s", PostgresTarget),
            BenchResult.Rate("postgresql, 100 a call, of raw inserts", postgres, "1/s", rawPostgres, null),
            BenchResult.Rate("postgresql, 100 a call, of raw verification", postgres, "1/s", verified, null),
            BenchResult.Figure("postgresql, 100 a call, issuer's CPU a token", Of(round => round.Postgres.CpuMicroseconds), "us"),
            BenchResult.AtLeast("postgresql, 1 a call, 64 callers", Of(round => round.PostgresSingly.PerSecond), "1/s", SingleTarget),
            BenchResult.AtLeast("sqlite, 100 a call", sqlite, "1/s", SqliteTarget),
            BenchResult.Rate("sqlite, 100 a call, of raw inserts", sqlite, "1/s", rawSqlite, null),
            BenchResult.Rate("sqlite, 100 a call, of raw verification", sqlite, "1/s", verified, null),
            BenchResult.Figure("sqlite, 100 a call, issuer's CPU a token", Of(round => round.Sqlite.CpuMicroseconds), "us"),
            BenchResult.AtLeast("sqlite, 1 a call, 64 callers", Of(round => round.SqliteSingly.PerSecond), "1/s", SingleTarget),
        ];

        double Of(Func<Round, double> figure) => Median.Of(rounds.Select(figure));
    }

    private static async Task<Round> MeasureAsync(TokenMint mint, PostgresCluster cluster, byte[][] tokens)
    {
        byte[][] forWarmup = tokens[..Warmup];
        var many = new RedemptionLoad(tokens.AsSpan(Warmup, Measured), PerCall);
        var single = new RedemptionLoad(tokens.AsSpan(Warmup, MeasuredSingly), 1);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("veil-bench-");
        var round = new Round(
            VerifiedPerSecond(mint.PublicKey, tokens.AsSpan(Warmup, Measured).ToArray()),
            await RawInserts.PostgresAsync(await cluster.CreateDatabaseAsync(), Measured),
            await RedeemAsync(mint, await cluster.CreateDatabaseAsync(), forWarmup, many, Callers),
            await RedeemAsync(mint, await cluster.CreateDatabaseAsync(), forWarmup, single, SingleCallers),
            await RedeemAsync(mint, null, forWarmup, many, Callers),
            await RedeemAsync(mint, null, forWarmup, single, SingleCallers),
            RawInserts.Sqlite(folder.FullName, Measured));
        folder.Delete(recursive: true);
        return round;
    }

    /// <summary>On a new issuer with an empty store: tokens a second, and the issuer's own CPU time for each in microseconds.</summary>
    private static async Task<Redeemed> RedeemAsync(TokenMint mint, string? database, byte[][] forWarmup, RedemptionLoad load, int callers)
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync(configuration =>
        {
            if (database is not null)
                configuration["Stores"] = new JsonObject { ["SpentPostgres"] = new JsonObject { ["ConnectionString"] = database, ["Timeout"] = "00:00:30" } };
        });
        mint.Equip(issuer);
        await issuer.StartAsync();

        // A server that has just started is still being compiled.
        new RedemptionLoad(forWarmup.AsSpan(0, Warmup / 2), PerCall).Run(issuer.Address, callers);
        new RedemptionLoad(forWarmup.AsSpan(Warmup / 2), 1).Run(issuer.Address, callers);
        long before = CpuClock.ProcessNanoseconds(issuer.ProcessId);
        double perSecond = load.Run(issuer.Address, callers);
        return new(perSecond, (CpuClock.ProcessNanoseconds(issuer.ProcessId) - before) / 1000.0 / load.Tokens);
    }

    private static double VerifiedPerSecond(TokenPublicKey key, byte[][] tokens)
    {
        long started = Stopwatch.GetTimestamp();
        Parallel.ForEach(Partitioner.Create(0, tokens.Length), range =>
        {
            for (int i = range.Item1; i < range.Item2; i++)
            {
                if (!Token.TryParse(tokens[i], out Token? token, out _) || !key.Verify(token))
                    throw new InvalidOperationException("A token of the mint does not verify.");
            }
        });
        return tokens.Length / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>What a measurement gave.</summary>
    /// <param name="PerSecond">Tokens a second.</param>
    /// <param name="CpuMicroseconds">The issuer's own CPU time for each.</param>
    private readonly record struct Redeemed(double PerSecond, double CpuMicroseconds);

    /// <summary>One round; the baselines are tokens a second.</summary>
    private sealed record Round(double Verified, double RawPostgres, Redeemed Postgres, Redeemed PostgresSingly, Redeemed Sqlite, Redeemed SqliteSingly, double RawSqlite);
}
