using Microsoft.Extensions.Options;
using Veil.Postgres;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>Databases that can be named, and kept apart.</summary>
internal sealed class StoreOptionsRules : IValidateOptions<StoreOptions>
{
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        var problems = new List<string>();
        Check(nameof(options.AccountsPostgres), options.AccountsPostgres);
        Check(nameof(options.SpentPostgres), options.SpentPostgres);
        if (problems.Count == 0 && options.SpentPostgres?.Target() is { } spent && spent == options.AccountsPostgres?.Target())
        {
            problems.Add(new OptionProblem(
                $"{StoreOptions.Section}:{nameof(options.SpentPostgres)}", "the database of the accounts", "a database of its own, with a user of its own").ToString());
        }

        return problems.Count > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;

        void Check(string property, PostgresOptions? database)
        {
            if (database?.Problem() is { } problem)
                problems.Add($"{StoreOptions.Section}:{property}: {problem}");
        }
    }
}
