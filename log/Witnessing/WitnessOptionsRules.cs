using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;
using Veil.Transparency;

namespace Veil.TransparencyLog.Witnessing;

/// <summary>Rules across the properties of <see cref="WitnessOptions"/>.</summary>
internal sealed class WitnessOptionsRules : IValidateOptions<WitnessOptions>
{
    public ValidateOptionsResult Validate(string? name, WitnessOptions options)
    {
        string[] failures = [.. Problems(options).Select(problem => problem.ToString())];
        return failures.Length is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<OptionProblem> Problems(WitnessOptions options)
    {
        for (int i = 0; i < options.Logs.Count; i++)
        {
            if (!NoteVerifierKey.TryParse(options.Logs[i].Key, out NoteVerifierKey? key) || key.Type is not NoteKeyType.Ed25519)
                yield return new($"Witness:Logs:{i}:Key", OptionProblem.Quote(options.Logs[i].Key), "a log's verifier key (name+hex+base64 of type 1)");
            if (options.Logs.Take(i).Any(log => log.Origin == options.Logs[i].Origin))
                yield return new($"Witness:Logs:{i}:Origin", OptionProblem.Quote(options.Logs[i].Origin), "an origin that is not listed before");
        }
    }
}
