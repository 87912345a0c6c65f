using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Veil.Proofs.Issuer;

/// <summary>
/// Four gateways redeem at once while the issuer's side is struck at random moments. Holds when, at the end, every token was accepted for exactly one redemption,
/// no redemption ever heard two verdicts, every token is refused to anybody new, and the store holds exactly the tokens and nothing else.
/// </summary>
/// <param name="context">Progress and randomness.</param>
/// <param name="name">In front of its figures.</param>
internal sealed class RedemptionTrial(ProofContext context, string name)
{
    /// <summary>Tokens that are presented once more under new ids at the end.</summary>
    private const int MaxAudited = 20_000;
    private readonly Traffic _traffic = new();

    /// <summary>Configures an issuer for the gateways of a plan.</summary>
    public static void AllowGateways(JsonObject configuration) => configuration["Redemption"]!["Gateways"] = new JsonArray(
    [
        .. Enumerable.Range(0, RedemptionPlan.Gateways).Select(number => new JsonObject
        {
            ["Name"] = ProvingGateway.Name(number),
            ["TokenSha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ProvingGateway.Secret(number)))),
        }),
    ]);

    /// <summary>Runs the plan.</summary>
    /// <param name="deployment">Fresh: nothing was spent there.</param>
    /// <param name="plan">What is presented.</param>
    /// <param name="strikes">How often something is killed.</param>
    public async Task<ProofResult> RunAsync(IIssuerDeployment deployment, RedemptionPlan plan, int strikes)
    {
        var clock = Stopwatch.StartNew();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        _traffic.Allow(plan.Redemptions.Count / strikes);
        Task striking = StrikeAsync(deployment, plan.Redemptions.Count, strikes, stop.Token);
        Task[] gateways =
        [
            .. plan.Calls.Select((calls, number) =>
                new ProvingGateway(number, deployment.Issuers, _traffic, new Random(context.Random.Next())).RunAsync(calls, plan.Tokens, stop.Token)),
        ];
        Task first = await Task.WhenAny([striking, .. gateways]);
        if (first.IsFaulted)
            await stop.CancelAsync();
        await Task.WhenAll([striking, .. gateways]);
        double seconds = clock.Elapsed.TotalSeconds;

        int forgotten = await AuditAsync(deployment.Issuers, plan.Tokens);
        IReadOnlyList<UInt128> stored = await deployment.ReadSpentAsync();
        return Judge(plan, stored, strikes, forgotten, seconds);
    }

    /// <summary>
    /// One in each equal part of the traffic: at a random count of answers, and then a moment later, when calls are under way in every stage. The part's other
    /// calls go on meanwhile, to a replica where there is one; the next part begins when service is back.
    /// </summary>
    private async Task StrikeAsync(IIssuerDeployment deployment, int redemptions, int strikes, CancellationToken stop)
    {
        double part = (double)redemptions / strikes;
        for (int strike = 0; strike < strikes; strike++)
        {
            await _traffic.ReachAsync((int)((strike + (0.8 * context.Random.NextDouble())) * part)).WaitAsync(stop);
            await Task.Delay(TimeSpan.FromMilliseconds(context.Random.NextDouble() * 5), stop);
            int before = _traffic.AnsweredRedemptions;
            await deployment.StrikeAsync(context.Random);
            _traffic.Allow(strike + 1 == strikes ? int.MaxValue : (int)((strike + 2) * part));
            context.Progress($"{name}: kill {strike + 1} of {strikes} after {before} of {redemptions} redemptions, {_traffic.InterruptedCalls} calls interrupted");
        }
    }

    /// <summary>Tokens that are not refused to a gateway with new ids.</summary>
    private async Task<int> AuditAsync(IReadOnlyList<IssuerProcess> issuers, byte[][] tokens)
    {
        int[] sample = [.. Enumerable.Range(0, tokens.Length)];
        context.Random.Shuffle(sample);
        PlannedRedemption[] audits = [.. sample.Take(MaxAudited).Select(token => new PlannedRedemption(token, IssuerClient.NewId()))];
        await new ProvingGateway(0, issuers, new Traffic(), new Random(context.Random.Next())).RunAsync(audits.Chunk(500), tokens, context.Cancellation);
        return audits.Count(audit => audit.Verdict != "spent");
    }

    private ProofResult Judge(RedemptionPlan plan, IReadOnlyList<UInt128> stored, int strikes, int forgotten, double seconds)
    {
        int[] acceptances = new int[plan.Tokens.Length];
        foreach (PlannedRedemption redemption in plan.Redemptions.Where(redemption => redemption.Verdict == "accepted"))
        {
            acceptances[redemption.Token]++;
        }

        HashSet<UInt128> presented = [.. plan.Tokens.Select(token => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(token)))];
        int accepted = acceptances.Count(count => count == 1);
        int lost = acceptances.Count(count => count == 0);
        int doubled = acceptances.Count(count => count > 1);
        int contradicted = plan.Redemptions.Count(redemption => redemption.IsContradicted);
        int unexpected = plan.Redemptions.Count(redemption => redemption.Verdict is not ("accepted" or "spent"));
        int strangers = stored.Count(hash => !presented.Contains(hash));
        bool holds = accepted == plan.Tokens.Length && stored.Count == plan.Tokens.Length
            && (lost, doubled, contradicted, unexpected, strangers, forgotten) is (0, 0, 0, 0, 0, 0) && _traffic.InterruptedCalls >= strikes;
        context.Progress($"{name}: {(holds ? "holds" : "DOES NOT HOLD")} after {seconds:0} s");
        var parameters = new Dictionary<string, object>
        {
            [$"{name}_redemptions"] = plan.Redemptions.Count,
            [$"{name}_tokens"] = plan.Tokens.Length,
            [$"{name}_gateways"] = plan.Calls.Count,
            [$"{name}_kills"] = strikes,
        };
        var figures = new Dictionary<string, object>
        {
            [$"{name}_accepted_exactly_once"] = accepted,
            [$"{name}_lost"] = lost,
            [$"{name}_doubled"] = doubled,
            [$"{name}_given_two_verdicts"] = contradicted,
            [$"{name}_given_another_verdict"] = unexpected,
            [$"{name}_not_refused_after_the_end"] = forgotten,
            [$"{name}_rows_in_the_store"] = stored.Count,
            [$"{name}_rows_of_no_token"] = strangers,
            [$"{name}_calls_interrupted"] = _traffic.InterruptedCalls,
            [$"{name}_seconds"] = Math.Round(seconds),
        };
        return new ProofResult(holds, parameters, figures);
    }
}
