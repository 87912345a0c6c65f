using Microsoft.Extensions.Options;
using Veil.HostAgent.Forwarding;
using Veil.ServiceDefaults;

namespace Veil.HostAgent;

/// <summary>Notice and grace fit into an epoch; a field that would name somebody is not let through.</summary>
internal sealed class HostOptionsRules : IValidateOptions<HostOptions>
{
    public ValidateOptionsResult Validate(string? name, HostOptions options)
    {
        List<OptionProblem> problems = [];
        CheckWithinEpoch(nameof(options.EpochNotice), options.EpochNotice, options, problems);
        CheckWithinEpoch(nameof(options.EpochGrace), options.EpochGrace, options, problems);
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
