using Microsoft.Extensions.Options;
using Veil.HostAgent.Vendors;
using Veil.ServiceDefaults;

namespace Veil.HostAgent.Configfs;

/// <summary>Intel's collateral has one source.</summary>
internal sealed class ConfigfsOptionsRules : IValidateOptions<ConfigfsOptions>
{
    public ValidateOptionsResult Validate(string? name, ConfigfsOptions options) => options is { CollateralFolder: { } folder, Vendors.IntelUrl: not null }
        ? ValidateOptionsResult.Fail(new OptionProblem(
            $"{ConfigfsOptions.Section}:{nameof(options.CollateralFolder)}", OptionProblem.Quote(folder), $"nothing where {ConfigfsOptions.Section}:{nameof(options.Vendors)}:{nameof(VendorOptions.IntelUrl)} is given").ToString())
        : ValidateOptionsResult.Success;
}
