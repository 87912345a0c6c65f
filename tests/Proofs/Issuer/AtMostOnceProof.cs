using System.Diagnostics;
using System.Security.Cryptography;

namespace Veil.Proofs.Issuer;

/// <summary>
/// Kills the issuer at random moments while gateways redeem, and lets them retry with their ids until they are answered. Each token is contended for by one
/// to three redemptions. Shown when, at the end, every token was accepted for exactly one id, no pair was ever given two verdicts, and a later
/// redemption of the same token is refused.
/// </summary>
public sealed class AtMostOnceProof : IProof
{
    /// <inheritdoc/>
    public string Name => "at-most-once";

    /// <inheritdoc/>
    public string Description => "SIGKILL of the issuer between and inside redemptions loses no token and doubles none";

    /// <inheritdoc/>
    public int Minutes => 5;

    /// <inheritdoc/>
    public async Task<ProofResult> RunAsync(ProofContext context)
    {
        int kills = context.Size(full: 100, small: 6);
        int tokensPerKill = context.Size(full: 100, small: 60);
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        string apiKey = await issuer.AddAccountAsync("prover", quota: kills * tokensPerKill);
        var tally = new Tally();
        for (int kill = 0; kill < kills; kill++)
        {
            await RoundAsync(issuer, apiKey, tokensPerKill, context.Random, tally);
            if ((kill + 1) % 10 == 0)
                context.Progress($"{kill + 1} of {kills} kills: {tally.Accepted} tokens accepted, {tally.Interrupted} calls interrupted, {tally.Lost} lost, {tally.Doubled} doubled");
        }

        await issuer.StartAsync();
        await AuditAsync(issuer, tally);
        bool passed = tally is { Lost: 0, Doubled: 0, Contradicted: 0, Forgotten: 0, Interrupted: > 0, Answered: > 0 } && tally.Accepted == kills * tokensPerKill;
        return new ProofResult(
            passed,
            new Dictionary<string, object> { ["kills"] = kills, ["tokens"] = kills * tokensPerKill },
            new Dictionary<string, object>
            {
                ["accepted"] = tally.Accepted,
                ["lost"] = tally.Lost,
                ["doubled"] = tally.Doubled,
                ["contradicted_retries"] = tally.Contradicted,
                ["forgotten_after_the_last_start"] = tally.Forgotten,
                ["calls_answered_before_a_kill"] = tally.Answered,
                ["calls_interrupted_by_a_kill"] = tally.Interrupted,
                ["redemptions_unanswered_when_retried"] = tally.Unanswered,
            });
    }

    private static async Task RoundAsync(IssuerProcess issuer, string apiKey, int count, Random random, Tally tally)
    {
        using var client = new IssuerClient();
        await issuer.StartAsync();
        List<Contest> contests = [.. (await client.DrawAsync(issuer.Address, apiKey, count)).Select(token => new Contest(token, contenders: random.Next(1, 4)))];
        List<List<Contender>> calls = Calls(contests, random);
        int answersBeforeTheKill = random.Next(0, calls.Count);
        var lag = TimeSpan.FromMicroseconds(random.Next(0, 3000));

        // The kill comes a moment after so many answers, while four calls are under way; what is not answered is tried again, with the same ids,
        // on the restarted issuer.
        var due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int answers = 0;
        Uri address = issuer.Address;
        Task traffic = Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (call, _) =>
        {
            if (await TryCallAsync(client, address, call, tally) && Interlocked.Increment(ref answers) >= answersBeforeTheKill)
                due.TrySetResult();
        });
        if (answersBeforeTheKill > 0)
            await due.Task;
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < lag)
        {
            await Task.Yield();
        }

        await issuer.KillAsync();
        await traffic;
        tally.Answered += answers;

        await issuer.StartAsync();
        foreach (List<Contender> call in calls)
        {
            await RetryAsync(client, issuer.Address, call, tally);
        }

        await issuer.KillAsync();
        tally.Count(contests);
    }

    /// <summary>Mixes the contenders of all tokens into calls of 1 to 12, so that rivals meet in one commit and in different ones.</summary>
    private static List<List<Contender>> Calls(List<Contest> contests, Random random)
    {
        Contender[] all = [.. contests.SelectMany(contest => contest.Contenders)];
        random.Shuffle(all);
        var calls = new List<List<Contender>>();
        for (int next = 0; next < all.Length;)
        {
            int size = Math.Min(random.Next(1, 13), all.Length - next);
            calls.Add([.. all.Skip(next).Take(size)]);
            next += size;
        }

        return calls;
    }

    private static async Task<bool> TryCallAsync(IssuerClient client, Uri address, List<Contender> call, Tally tally)
    {
        try
        {
            Take(call, await client.RedeemAsync(address, call.Select(contender => (contender.Contest.Token, contender.Id))));
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            tally.Interrupt();
            return false;
        }
    }

    private static async Task RetryAsync(IssuerClient client, Uri address, List<Contender> call, Tally tally)
    {
        string?[] before = [.. call.Select(contender => contender.Verdict)];
        Take(call, await client.RedeemAsync(address, call.Select(contender => (contender.Contest.Token, contender.Id))));
        for (int i = 0; i < call.Count; i++)
        {
            if (before[i] is null)
                tally.Unanswered++;
            else if (before[i] != call[i].Verdict)
                tally.Contradicted++;
        }
    }

    private static void Take(List<Contender> call, string[] verdicts)
    {
        for (int i = 0; i < call.Count; i++)
        {
            call[i].Verdict = verdicts[i];
        }
    }

    /// <summary>After the last start every token is refused to anybody new.</summary>
    private static async Task AuditAsync(IssuerProcess issuer, Tally tally)
    {
        using var client = new IssuerClient();
        foreach (byte[][] tokens in tally.Tokens.Chunk(500))
        {
            string[] verdicts = await client.RedeemAsync(issuer.Address, tokens.Select(token => (token, IssuerClient.NewId())));
            tally.Forgotten += verdicts.Count(verdict => verdict != "spent");
        }
    }

    private sealed class Contest
    {
        public Contest(byte[] token, int contenders)
        {
            Token = token;
            Contenders = [.. Enumerable.Range(0, contenders).Select(_ => new Contender(this))];
        }

        public byte[] Token { get; }

        public List<Contender> Contenders { get; }
    }

    private sealed class Contender(Contest contest)
    {
        public Contest Contest { get; } = contest;

        public byte[] Id { get; } = RandomNumberGenerator.GetBytes(16);

        public string? Verdict { get; set; }
    }

    private sealed class Tally
    {
        private int _interrupted;

        public List<byte[]> Tokens { get; } = [];

        public int Accepted { get; private set; }

        public int Lost { get; private set; }

        public int Doubled { get; private set; }

        public int Contradicted { get; set; }

        public int Forgotten { get; set; }

        public int Unanswered { get; set; }

        public int Answered { get; set; }

        public int Interrupted => _interrupted;

        public void Interrupt() => Interlocked.Increment(ref _interrupted);

        public void Count(List<Contest> contests)
        {
            foreach (Contest contest in contests)
            {
                Tokens.Add(contest.Token);
                int accepted = contest.Contenders.Count(contender => contender.Verdict == "accepted");
                Accepted += accepted > 0 ? 1 : 0;
                Lost += accepted == 0 ? 1 : 0;
                Doubled += accepted > 1 ? 1 : 0;
            }
        }
    }
}
