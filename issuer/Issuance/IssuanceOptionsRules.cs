using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>The bounds of every quota class.</summary>
internal sealed class IssuanceOptionsRules : IValidateOptions<IssuanceOptions>
{
    /// <summary>Most tokens that one account may draw under one key: what an issuer with the fastest type signs in three hours.</summary>
    public const int MaxQuota = 100_000_000;

    public ValidateOptionsResult Validate(string? name, IssuanceOptions options)
    {
        string[] problems =
        [
            .. options.QuotaClasses.Where(quota => quota.Value is < 0 or > MaxQuota).Select(quota => new OptionProblem(
                $"{IssuanceOptions.Section}:{nameof(options.QuotaClasses)}:{quota.Key}", OptionProblem.Quote(quota.Value), $"0 to {MaxQuota}").ToString()),
        ];
        return problems.Length > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }
}
