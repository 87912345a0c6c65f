using System.Globalization;
using Veil.Proofs.Databases;

namespace Veil.Proofs.Issuer;

/// <summary>
/// Fills a store of spent tokens with random ones, through the interface that redemptions go through, and redeems real tokens at a steady pace: once over a small store and
/// once over one that is ten times as large. Shown when the issuer's resident memory is the same; reports what a token takes on disk.
/// </summary>
public sealed class SpentMemoryProof : IProof
{
    private const int TokensPerCall = 100;
    private const int CallsPerSecond = 20;

    /// <inheritdoc/>
    public string Name => "spent-memory";

    /// <inheritdoc/>
    public string Description => "an issuer with 10 M spent tokens needs at most 1.1 times the memory of one with 1 M";

    /// <inheritdoc/>
    public int Minutes => 15;

    /// <inheritdoc/>
    public async Task<ProofResult> RunAsync(ProofContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        int small = context.Size(full: 1_000_000, small: 20_000);
        int large = context.Size(full: 10_000_000, small: 200_000);
        int seconds = context.Size(full: 60, small: 5);

        // A process that has just started still moves by more than a tenth; a minute later it does not.
        double most = context.Full ? 1.1 : 1.4;
        using var mint = new TokenMint();
        byte[][] tokens = mint.Mint(2 * seconds * CallsPerSecond * TokensPerCall, context.Cancellation);
        var figures = new Dictionary<string, object>();
        bool passed = true;
        foreach (SpentStoreFill fill in PostgresCluster.Unavailable is null ? (SpentStoreFill[])[new SqliteSpentStoreFill(), new PostgresSpentStoreFill()] : [new SqliteSpentStoreFill()])
        {
            await using (fill)
            {
                await fill.PrepareAsync(mint);
                long before = await MeasureAsync(fill, mint, small, tokens.AsMemory(0, tokens.Length / 2), context);
                long after = await MeasureAsync(fill, mint, large, tokens.AsMemory(tokens.Length / 2), context);
                double ratio = Math.Round((double)after / before, 3);
                passed &= ratio <= most;
                figures[$"{fill.Name}_resident_mib_small"] = before >> 20;
                figures[$"{fill.Name}_resident_mib_large"] = after >> 20;
                figures[$"{fill.Name}_ratio"] = ratio;
                figures[$"{fill.Name}_bytes_a_token"] = Math.Round((double)await fill.SizeAsync() / (large + tokens.Length), 1);
            }
        }

        return new ProofResult(
            passed,
            new Dictionary<string, object> { ["small"] = small, ["large"] = large, ["seconds"] = seconds, ["tokens_a_second"] = CallsPerSecond * TokensPerCall, ["most"] = most },
            figures);
    }

    /// <summary>Fills up to <paramref name="count"/>, redeems for the whole time and gives the issuer's resident bytes: the median of the second half.</summary>
    private static async Task<long> MeasureAsync(SpentStoreFill fill, TokenMint mint, int count, ReadOnlyMemory<byte[]> tokens, ProofContext context)
    {
        await fill.FillAsync(mint.PublicKey, count, context);
        await fill.Issuer.StartAsync();
        using var client = new IssuerClient();
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / CallsPerSecond));
        var resident = new List<long>();
        for (int next = 0; next < tokens.Length; next += TokensPerCall)
        {
            await pace.WaitForNextTickAsync(context.Cancellation);
            string[] verdicts = await client.RedeemAsync(fill.Issuer.Address, [.. tokens.Slice(next, TokensPerCall).ToArray().Select(token => (token, IssuerClient.NewId()))]);
            if (verdicts.Any(verdict => verdict != "accepted"))
                throw new InvalidOperationException("A token that nobody spent was refused.");
            if (next >= tokens.Length / 2)
                resident.Add(Resident(fill.Issuer.ProcessId));
        }

        await fill.Issuer.StopAsync();
        resident.Sort();
        context.Progress($"{fill.Name}: {count:N0} spent tokens, {resident[resident.Count / 2] >> 20} MiB resident");
        return resident[resident.Count / 2];
    }

    private static long Resident(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
