using System.CommandLine;
using System.Globalization;
using Veil.KeyLifecycle;
using Veil.KeyStore;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary><c>veil-issuer keys plan</c>: what the schedule does with the keys, before it does it. Changes nothing. Exit code 1 when a rule will be broken.</summary>
internal static class KeysPlanCommand
{
    private const int DefaultEpochs = 4;

    public static Command Create()
    {
        var length = new Option<string?>("--for")
        {
            Description = $"How far to look, as [days.]hours:minutes:seconds, such as 28.00:00:00. Default {DefaultEpochs} epochs.", HelpName = "DURATION",
        };
        length.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { } text && !(TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan found) && found > TimeSpan.Zero))
                given.AddError("--for takes a time as [days.]hours:minutes:seconds, such as 28.00:00:00.");
        });
        var command = new Command("plan", "Shows the coming announcements, takeovers and ends of grace; ends with 1 when there will be a gap or a rule is broken.") { length };
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) => Show(services, output, parsed.GetValue(length))));
        return command;
    }

    private static int Show(IServiceProvider services, CommandOutput output, string? length)
    {
        IssuerKeyOptions options = services.GetRequiredService<IssuerKeyOptions>();
        DateTimeOffset now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        TimeSpan looked = length is null ? DefaultEpochs * options.EpochLength : TimeSpan.Parse(length, CultureInfo.InvariantCulture);
        if (looked / options.EpochLength > KeyForecast.MaxEpochs)
            return IssuerCommands.Complain($"--for reaches at most {KeyForecast.MaxEpochs} epochs of {options.EpochLength}");

        using WrappingKey wrappingKey = KeysCommand.Unwrap(services);
        using StoredKeyRing<IssuerKey> ring = IssuerApp.OpenRing(options, wrappingKey);
        ring.Refresh(now, mayCreate: false);
        RingKey<IssuerKey>[] live = [.. ring.Live.All];
        var timeline = new KeyTimeline(live.Select(key => key.Entry));
        KeyForecast forecast = KeyForecast.Of(timeline, options.Schedule(), options.DirectoryMaxAge, now, looked);
        List<string> problems = [.. forecast.Problems.Select(Sentence), .. Collisions(live)];
        output.Write(
            new
            {
                from = Text(now),
                until = Text(now + looked),
                changes = forecast.Changes.Select(change => new { at = Text(change.At), serial = change.Serial, change = Word(change.Change) }),
                problems,
            },
            [
                .. forecast.Changes.Select(change => $"{Text(change.At)}  key {change.Serial,-4} {Word(change.Change)}"),
                .. problems.Select(problem => $"PROBLEM  {problem}"),
            ]);
        return problems.Count == 0 ? 0 : ServiceProgram.StartFailed;
    }

    /// <summary>A TokenRequest names its key by one byte: keys that share it cannot be told apart. Keys that are made draw until theirs is free.</summary>
    private static IEnumerable<string> Collisions(RingKey<IssuerKey>[] live) => live
        .GroupBy(key => (key.Key.Key.Type.Id, key.Key.Key.PublicKey.TruncatedKeyId))
        .Where(same => same.Count() > 1)
        .Select(same => $"keys {string.Join(" and ", same.Select(key => key.Entry.Serial))} share the truncated key id {same.Key.TruncatedKeyId}: retire one");

    private static string Sentence(PlanProblem problem)
    {
        string when = $"from {Text(problem.From)} {(problem.Until is { } until ? $"until {Text(until)}" : "on")}";
        return problem.Rule switch
        {
            PlanRule.Coverage => $"{when} no key is active: nothing can be issued",
            PlanRule.LiveKeys => $"{when} more than {RotationSchedule.MaxLive} keys are live: clients refuse the directory",
            PlanRule.Notice => $"key {problem.Serial} takes over at {Text(problem.From)}, sooner after its announcement than Keys:DirectoryMaxAge: cached directories do not show it",
            PlanRule.Rotation => $"{when} key {problem.Serial} is active for more than two epochs: retire the announced key if its time is wrong",
            _ => "Keys:Grace is not longer than Keys:DirectoryMaxAge: the tokens that are issued last are void at once",
        };
    }

    private static string Word(KeyChange change) => change switch
    {
        KeyChange.Announced => "announced",
        KeyChange.TakesOver => "takes over",
        _ => "grace ends",
    };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
