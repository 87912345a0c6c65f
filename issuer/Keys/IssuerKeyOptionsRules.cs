using Microsoft.Extensions.Options;
using Veil.PrivacyPass;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>Times that would need more live keys than a client accepts, and a missing source of the wrapping key.</summary>
internal sealed class IssuerKeyOptionsRules : IValidateOptions<IssuerKeyOptions>
{
    public ValidateOptionsResult Validate(string? name, IssuerKeyOptions options)
    {
        var problems = new List<string>();
        if (options.EpochLength.Ticks % TimeSpan.TicksPerSecond != 0)
            Add(nameof(options.EpochLength), options.EpochLength, "whole seconds");
        if (options.Notice > options.EpochLength)
            Add(nameof(options.Notice), options.Notice, $"at most EpochLength, {options.EpochLength}");
        if (options.Grace > options.EpochLength)
            Add(nameof(options.Grace), options.Grace, $"at most EpochLength, {options.EpochLength}");
        if (options.DirectoryMaxAge > options.Grace)
            Add(nameof(options.DirectoryMaxAge), options.DirectoryMaxAge, $"at most Grace, {options.Grace}: what is issued must be redeemable");

        TokenType? type = options.TokenType is >= 0 and <= ushort.MaxValue ? TokenType.FindKnown((ushort)options.TokenType) : null;
        if (type?.Missing is { } missing)
            AddType($"a token type that this machine serves. {missing}");
        else if (type is null)
            AddType(string.Join(", ", TokenType.Known.Select(known => known.Id)));

        if (options.Store.PlaceProblem() is { } place)
            problems.Add(new OptionProblem($"{IssuerKeyOptions.Section}:{nameof(options.Store)}{place.Setting}", place.Found, place.Allowed).ToString());

        int sources = new object?[] { options.Store.WrappingKeyFile, options.Store.WrappingKeyVariable, options.Store.WrappingKeyCommand }.Count(source => source is not null);
        if (sources != 1)
        {
            problems.Add(new OptionProblem(
                $"{IssuerKeyOptions.Section}:{nameof(options.Store)}", $"{sources} sources of the wrapping key",
                "exactly one of WrappingKeyFile, WrappingKeyVariable, WrappingKeyCommand").ToString());
        }

        return problems.Count > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;

        void AddType(string allowed) =>
            problems.Add(new OptionProblem($"{IssuerKeyOptions.Section}:{nameof(options.TokenType)}", OptionProblem.Quote(options.TokenType), allowed).ToString());

        void Add(string property, TimeSpan found, string allowed) =>
            problems.Add(new OptionProblem($"{IssuerKeyOptions.Section}:{property}", OptionProblem.Quote(found), allowed).ToString());
    }
}
