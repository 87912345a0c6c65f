using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>Providers differ, quota classes exist, and algorithms are those of public keys.</summary>
internal sealed class AttesterOptionsRules(IOptions<IssuanceOptions> issuance) : IValidateOptions<AttesterOptions>
{
    private const string Section = AttesterOptions.Section;

    public ValidateOptionsResult Validate(string? name, AttesterOptions options)
    {
        var problems = new List<OptionProblem>();
        for (int i = 0; i < options.OpenIdConnect.Count; i++)
        {
            CheckProvider($"{Section}:{nameof(options.OpenIdConnect)}:{i}", options.OpenIdConnect[i], problems);
            if (options.OpenIdConnect.Take(i).Any(other => other.Issuer == options.OpenIdConnect[i].Issuer))
                problems.Add(new($"{Section}:{nameof(options.OpenIdConnect)}:{i}:Issuer", OptionProblem.Quote(options.OpenIdConnect[i].Issuer), "a provider that is not listed yet"));
        }

        if (options.Certificate is { } certificate)
            CheckClass($"{Section}:{nameof(options.Certificate)}:Class", certificate.Class, problems);
        return problems.Count > 0 ? ValidateOptionsResult.Fail(problems.Select(problem => problem.ToString())) : ValidateOptionsResult.Success;
    }

    private void CheckProvider(string path, OpenIdConnectOptions provider, List<OptionProblem> problems)
    {
        CheckClass($"{path}:Class", provider.Class, problems);
        foreach ((string value, string quotaClass) in provider.Classes)
        {
            CheckClass($"{path}:Classes:{value}", quotaClass, problems);
        }

        if (provider.Classes.Count > 0 && provider.ClassClaim is null)
            problems.Add(new($"{path}:ClassClaim", "nothing", "the name of the claim that Classes maps"));
        if (provider.Algorithms.FirstOrDefault(algorithm => !OpenIdConnectAttester.KnownAlgorithms.Contains(algorithm)) is { } unknown)
            problems.Add(new($"{path}:Algorithms", OptionProblem.Quote(unknown), string.Join(", ", OpenIdConnectAttester.KnownAlgorithms)));
    }

    private void CheckClass(string path, string quotaClass, List<OptionProblem> problems)
    {
        IReadOnlyDictionary<string, int> classes;
        try
        {
            classes = issuance.Value.QuotaClasses;
        }
        catch (OptionsValidationException)
        {
            // Those options stop the start themselves.
            return;
        }

        if (!classes.ContainsKey(quotaClass))
            problems.Add(new(path, OptionProblem.Quote(quotaClass), $"a class of {IssuanceOptions.Section}:{nameof(IssuanceOptions.QuotaClasses)}: {string.Join(", ", classes.Keys)}"));
    }
}
