using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;
using Veil.Transparency;

namespace Veil.TransparencyLog;

/// <summary>Rules across the properties of <see cref="LogOptions"/>.</summary>
internal sealed class LogOptionsRules : IValidateOptions<LogOptions>
{
    public ValidateOptionsResult Validate(string? name, LogOptions options)
    {
        string[] failures = [.. Problems(options).Select(problem => problem.ToString())];
        return failures.Length is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<OptionProblem> Problems(LogOptions options)
    {
        if (options.Origin.Any(character => char.IsWhiteSpace(character) || char.IsControl(character)))
            yield return new("Log:Origin", OptionProblem.Quote(options.Origin), "a name without white space, such as gateway.example/veil");
        if (options.WitnessThreshold > options.Witnesses.Count)
            yield return new("Log:WitnessThreshold", OptionProblem.Quote(options.WitnessThreshold), $"at most the number of Witnesses, {options.Witnesses.Count}");
        for (int i = 0; i < options.Witnesses.Count; i++)
        {
            if (!NoteVerifierKey.TryParse(options.Witnesses[i].Key, out NoteVerifierKey? key) || key.Type is not NoteKeyType.Cosignature)
                yield return new($"Log:Witnesses:{i}:Key", OptionProblem.Quote(options.Witnesses[i].Key), "a witness's verifier key (name+hex+base64 of type 4)");
        }

        for (int i = 0; i < options.Publishers.Count; i++)
        {
            if (options.Publishers[i] is { CertificateSpkiSha256: null } == options.Publishers[i] is { SecretSha256: null })
                yield return new($"Log:Publishers:{i}", "both or neither proof", "one of CertificateSpkiSha256 and SecretSha256");
        }
    }
}
