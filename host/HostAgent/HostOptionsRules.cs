using Microsoft.Extensions.Options;
using Veil.HostAgent.Forwarding;
using Veil.ServiceDefaults;

namespace Veil.HostAgent;

/// <summary>Notice and grace fit into an epoch, and claims into what gateways accept; a field that would name somebody is not let through.</summary>
internal sealed class HostOptionsRules : IValidateOptions<HostOptions>
{
    /// <summary>
    /// Longest that claims may live: a gateway's default, beyond which it would refuse every identity of this host. Made a notice ahead, they serve one
    /// epoch, stay through the next in case the one after comes late, and then through the grace.
    /// </summary>
    private static readonly TimeSpan MaxClaimsLifetime = TimeSpan.FromHours(24);

    public ValidateOptionsResult Validate(string? name, HostOptions options)
    {
        List<OptionProblem> problems = [];
        CheckWithinEpoch(nameof(options.EpochNotice), options.EpochNotice, options, problems);
        CheckWithinEpoch(nameof(options.EpochGrace), options.EpochGrace, options, problems);
        if ((2 * options.EpochLength) + options.EpochNotice + options.EpochGrace > MaxClaimsLifetime)
            problems.Add(new($"{HostOptions.Section}:{nameof(options.EpochLength)}", OptionProblem.Quote(options.EpochLength), "2 * EpochLength + EpochNotice + EpochGrace at most 24 h, the longest claims that gateways accept by default"));
        if (options.EpochLength.Ticks % TimeSpan.TicksPerSecond != 0)
            problems.Add(new($"{HostOptions.Section}:{nameof(options.EpochLength)}", OptionProblem.Quote(options.EpochLength), "whole seconds"));
        CheckFields(nameof(options.RequestFields), options.RequestFields, problems);
        CheckFields(nameof(options.ResponseFields), options.ResponseFields, problems);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.Select(problem => problem.ToString()));
    }

    private static void CheckWithinEpoch(string property, TimeSpan value, HostOptions options, List<OptionProblem> problems)
    {
        if (value > options.EpochLength)
            problems.Add(new($"{HostOptions.Section}:{property}", OptionProblem.Quote(value), $"at most Host:EpochLength ({options.EpochLength})"));
    }

    private static void CheckFields(string property, IReadOnlyList<string> fields, List<OptionProblem> problems)
    {
        foreach (string field in fields.Where(field => !ForwardedFields.MayBeAdded(field)))
            problems.Add(new($"{HostOptions.Section}:{property}", OptionProblem.Quote(field), "lower-case field names that carry no connection, credential or address"));
    }
}
