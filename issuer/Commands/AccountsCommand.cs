using System.CommandLine;
using System.Globalization;

namespace Veil.Issuer;

/// <summary><c>veil-issuer accounts add|list|disable</c>, while a server runs or not.</summary>
internal static class AccountsCommand
{
    public static Command Create() => new("accounts", "Who may draw tokens.") { Add(), List(), Disable() };

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "Your name for the account; no two share one." };
        var quota = new Option<int?>("--quota") { Description = "Tokens per key epoch, 0 or more. Default: Issuance:DefaultQuota.", HelpName = "N" };
        quota.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int?>() < 0)
                given.AddError("--quota takes 0 or more.");
        });
        var command = new Command("add", "Adds an account and prints its API key, which is shown this once.") { name, quota };
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) =>
        {
            using AccountStore accounts = Open(services);
            if (accounts.Add(parsed.GetRequiredValue(name), parsed.GetValue(quota)) is not { } key)
                return IssuerCommands.Complain($"there is an account \"{parsed.GetRequiredValue(name)}\" already");

            output.Write(new { account = key.AccountId, name = parsed.GetRequiredValue(name), api_key = key.Reveal() }, key.Reveal());
            return 0;
        }));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the accounts.");
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) =>
        {
            using AccountStore accounts = Open(services);
            IReadOnlyList<Account> all = accounts.List();
            int defaultQuota = services.GetRequiredService<IssuanceOptions>().DefaultQuota;
            output.Write(
                all.Select(account => new { account = account.Id, name = account.Name, quota = account.Quota ?? defaultQuota, disabled = account.IsDisabled }),
                all.Select(account => string.Create(
                    CultureInfo.InvariantCulture, $"{account.Id}  {(account.IsDisabled ? "disabled" : "enabled "),-8}  {account.Quota ?? defaultQuota,9} per key  {account.Name}")));
            return 0;
        }));
        return command;
    }

    private static Command Disable()
    {
        var name = new Argument<string>("name") { Description = "The account's name." };
        var command = new Command("disable", "Issues nothing to an account any more; what it drew stays good.") { name };
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) =>
        {
            using AccountStore accounts = Open(services);
            if (!accounts.Disable(parsed.GetRequiredValue(name)))
                return IssuerCommands.Complain($"there is no account \"{parsed.GetRequiredValue(name)}\"");

            output.Write(new { name = parsed.GetRequiredValue(name), disabled = true }, "disabled");
            return 0;
        }));
        return command;
    }

    private static AccountStore Open(IServiceProvider services)
    {
        string path = services.GetRequiredService<StoreOptions>().Accounts;
        AccountStore.Database(path).Create();
        return new AccountStore(path);
    }
}
