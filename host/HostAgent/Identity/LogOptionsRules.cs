using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.HostAgent.Identity;

/// <summary>A log is read with its authority's trust bundle.</summary>
internal sealed class LogOptionsRules : IValidateOptions<LogOptions>
{
    public ValidateOptionsResult Validate(string? name, LogOptions options) =>
        options.Url is null == options.TrustBundleFile is null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(new OptionProblem($"{LogOptions.Section}:{nameof(options.TrustBundleFile)}", OptionProblem.Quote(options.TrustBundleFile), "the authority's trust bundle, with Log:Url and not without").ToString());
}
