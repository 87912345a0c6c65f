using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;
using Veil.SoftwareTee.Forgeries;

namespace Veil.SoftwareTee;

/// <summary>Rules across the properties of <see cref="SoftwareTeeOptions"/>.</summary>
internal sealed class SoftwareTeeOptionsRules : IValidateOptions<SoftwareTeeOptions>
{
    public ValidateOptionsResult Validate(string? name, SoftwareTeeOptions options) =>
        options.Fault is SoftwareTeeOptions.NoFault || ForgeryList.Find(options.Kind, options.Fault) is SnpForgery or TdxForgery
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(new OptionProblem(
                $"{SoftwareTeeOptions.Section}:{nameof(options.Fault)}", OptionProblem.Quote(options.Fault), $"none, or what \"Veil.SoftwareTee forgeries\" lists for {options.Kind}, not for any kind").ToString());
}
