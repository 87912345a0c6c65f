using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>Three steps, each only when the one before found nothing: shape of the configuration, annotations, rules across properties.</summary>
internal sealed class SectionValidator<TOptions>(IConfigurationSection section, IValidateOptions<TOptions>? rules) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        List<OptionProblem> problems = ConfigurationShape.Check(section, typeof(TOptions));
        if (problems.Count == 0)
            problems = AnnotationCheck.Check(section.Path, options);
        return problems.Count > 0
            ? ValidateOptionsResult.Fail(problems.Select(problem => problem.ToString()))
            : rules?.Validate(name, options) ?? ValidateOptionsResult.Success;
    }
}
