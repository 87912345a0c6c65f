using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Keys;

/// <summary>Rules across the properties of <see cref="OhttpKeyOptions"/>.</summary>
internal sealed class OhttpKeyOptionsRules : IValidateOptions<OhttpKeyOptions>
{
    public ValidateOptionsResult Validate(string? name, OhttpKeyOptions options)
    {
        string[] failures = [.. Problems(options).Select(problem => problem.ToString())];
        return failures.Length is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<OptionProblem> Problems(OhttpKeyOptions options)
    {
        if (options.Store.PlaceProblem() is { } place)
            yield return new($"Keys:Store{place.Setting}", place.Found, place.Allowed);
        bool[] sources = [options.Store.WrappingKeyFile is not null, options.Store.WrappingKeyVariable is not null, options.Store.WrappingKeyCommand is not null];
        if (sources.Count(isSet => isSet) != 1)
            yield return new("Keys:Store", "no or several sources of the wrapping key", "one of WrappingKeyFile, WrappingKeyVariable, WrappingKeyCommand");
        if (options.Notice > options.EpochLength)
            yield return new("Keys:Notice", OptionProblem.Quote(options.Notice), "at most Keys:EpochLength");
        if (options.Grace > options.EpochLength)
            yield return new("Keys:Grace", OptionProblem.Quote(options.Grace), "at most Keys:EpochLength");
        if (options.Grace < options.Overlap)
            yield return new("Keys:Grace", OptionProblem.Quote(options.Grace), $"at least Keys:Overlap, {options.Overlap}: while the signed view holds the previous key, requests under it are opened");
        if (options.EpochLength.Ticks % TimeSpan.TicksPerSecond != 0)
            yield return new("Keys:EpochLength", OptionProblem.Quote(options.EpochLength), "whole seconds");
    }
}
