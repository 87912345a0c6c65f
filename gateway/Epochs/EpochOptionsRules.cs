using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Epochs;

/// <summary>Rules across the properties of <see cref="EpochOptions"/>.</summary>
internal sealed class EpochOptionsRules : IValidateOptions<EpochOptions>
{
    public ValidateOptionsResult Validate(string? name, EpochOptions options)
    {
        string[] failures = [.. Problems(options).Select(problem => problem.ToString())];
        return failures.Length is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<OptionProblem> Problems(EpochOptions options)
    {
        if (options.TrustBundleFile is null)
            yield break;
        if (options.TakeOverAfter <= options.PublishAfter)
            yield return new("Epochs:TakeOverAfter", $"\"{options.TakeOverAfter}\"", $"more than Epochs:PublishAfter, {options.PublishAfter}: others wait for the publisher at least until it publishes");
        if (options.AuthorityKeyFile is null)
            yield return new("Epochs:AuthorityKeyFile", "nothing", "the file of the key that signs heads");
        if (options.Log is null)
            yield return new("Epochs:Log", "nothing", "the log's https URL");
        if (options.Directory is null)
            yield return new("Epochs:Directory", "nothing", "a folder for the documents that heads name");
        if (options.ReleasesDirectory is null)
            yield return new("Epochs:ReleasesDirectory", "nothing", "the folder of the signed releases");
    }
}
