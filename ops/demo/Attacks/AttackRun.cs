using System.Diagnostics;
using System.Text.Json;
using Veil.ClientSdk;

namespace Veil.DevStack.Attacks;

/// <summary><c>--attack LIST</c>: plays each attack against a client that has nothing but the trust bundle, and says how it noticed.</summary>
internal static class AttackRun
{
    /// <summary>The attacks of a list; null with the reason when one is unknown.</summary>
    public static IReadOnlyList<Attack>? Parse(string list, out string problem)
    {
        string[] names = list is "all" ? [.. AttackList.All.Select(attack => attack.Name)] : list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] unknown = [.. names.Where(name => AttackList.All.All(attack => attack.Name != name))];
        problem = unknown.Length > 0 || names.Length is 0 ? $"--attack takes \"all\" or a list of {string.Join(", ", AttackList.All.Select(attack => attack.Name))}{(unknown.Length > 0 ? $"; found {string.Join(", ", unknown)}" : "")}." : "";
        return problem.Length > 0 ? null : [.. AttackList.All.Where(attack => names.Contains(attack.Name))];
    }

    /// <summary>Plays them all. 0 when each was noticed before anything private was sent, for its reason.</summary>
    public static async Task<int> RunAsync(Deployment deployment, IReadOnlyList<Attack> attacks, Action<string> step, bool json, CancellationToken cancellation)
    {
        var results = new List<object>();
        bool all = true;
        foreach (Attack attack in attacks)
        {
            step($"attack   {attack.Name}: {attack.Lie}");
            var clock = Stopwatch.StartNew();
            (bool caught, string reason) = await PlayAsync(deployment, attack, cancellation);
            all &= caught;
            step($"client   {(caught ? "refuses" : "DID NOT NOTICE")}: {reason}");
            results.Add(new { attack = attack.Name, caught, reason, seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) });
        }

        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new { ok = all, attacks = results }));
        else
            Console.WriteLine(all ? $"All {attacks.Count} attacks were noticed before anything private was sent." : "FAILED: an attack was not noticed, or not for its reason.");
        return all ? 0 : 1;
    }

    /// <summary>Plays one: whether the client refused for the attack's reason before anything private left, and what it said.</summary>
    public static async Task<(bool Caught, string Reason)> PlayAsync(Deployment deployment, Attack attack, CancellationToken cancellation)
    {
        await using Adversary adversary = await deployment.StartAdversaryAsync();
        var stage = new AttackStage(deployment, adversary);
        stage.Read();
        await attack.PlayAsync(stage);
        using var http = new HttpClient(new VeilHandler(deployment.ClientOptionsThrough(adversary.Relay, stage.SeenLogFile)));
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(deployment.ServiceUrl, "/private"), cancellation);
            return (false, $"it was answered with status {(int)answer.StatusCode}");
        }
        catch (VeilException refusal)
        {
            bool isForTheReason = refusal.Failure is VeilFailure.EpochRefused or VeilFailure.HostRefused && refusal.Message.Contains(attack.Reason, StringComparison.Ordinal);
            return (isForTheReason && adversary.Private.Count is 0, adversary.Private.Count is 0 ? refusal.Message : $"{refusal.Message} But {adversary.Private[0]} was sent.");
        }
    }
}
