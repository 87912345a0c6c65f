using System.CommandLine;
using System.Globalization;

namespace Veil.Issuer;

/// <summary><c>veil-issuer accounts add|list|disable|enable</c>, while a server runs or not.</summary>
internal static class AccountsCommand
{
    public static Command Create() => new("accounts", "Who may draw tokens.") { Add(), List(), Switch(disable: true), Switch(disable: false) };

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "Your name for the account; no two share one." };
        var quota = new Option<int?>("--quota") { Description = "Tokens per key epoch, 0 or more. Default: those of its class.", HelpName = "N" };
        var quotaClass = new Option<string?>("--class") { Description = "Quota class, one of Issuance:QuotaClasses. Default: what its attester says, else \"default\".", HelpName = "CLASS" };
        quota.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int?>() is < 0 or > IssuanceOptionsRules.MaxQuota)
                given.AddError($"--quota takes 0 to {IssuanceOptionsRules.MaxQuota}.");
        });
        var command = new Command(
            "add", "Adds an account and prints its API key, which is shown this once; or, with one of the identity options, an account that proves itself otherwise.") { name, quota, quotaClass };
        var identity = new IdentityOptions(command);
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) =>
        {
            IssuanceOptions issuance = services.GetRequiredService<IssuanceOptions>();
            if (parsed.GetValue(quotaClass) is { } unknown && !issuance.QuotaClasses.ContainsKey(unknown))
                return IssuerCommands.Complain($"there is no quota class \"{unknown}\"; Issuance:QuotaClasses has {string.Join(", ", issuance.QuotaClasses.Keys)}");

            using var accounts = new OpenAccounts(services);
            var account = new Account("", AttesterKind.ApiKey, parsed.GetRequiredValue(name), parsed.GetValue(quotaClass), parsed.GetValue(quota));
            return identity.Read(parsed, services, accounts) is { } known
                ? AddIdentity(accounts, account with { Id = known.Id, Attester = known.Attester }, output)
                : AddApiKey(accounts, account, output);
        }));
        return command;
    }

    private static int AddApiKey(OpenAccounts accounts, Account account, CommandOutput output)
    {
        var key = ApiKey.Create();
        byte[] salt = ApiKey.NewSalt();
        if (!accounts.Store.AddAsync(account with { Id = key.AccountId }, new ApiKeyHash(salt, key.Hash(salt))).GetAwaiter().GetResult())
            return IssuerCommands.Complain($"there is an account \"{account.Name}\" already");

        output.Write(new { account = key.AccountId, name = account.Name, api_key = key.Reveal() }, key.Reveal());
        return 0;
    }

    private static int AddIdentity(OpenAccounts accounts, Account account, CommandOutput output)
    {
        if (!accounts.Store.AddAsync(account, key: null).GetAwaiter().GetResult())
            return IssuerCommands.Complain($"there is an account \"{account.Name}\" already, or one of this identity");

        output.Write(new { account = account.Id, name = account.Name, attester = Word(account.Attester) }, account.Id);
        return 0;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the accounts: those that you named first, then identities that came by themselves.");
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) =>
        {
            using var accounts = new OpenAccounts(services);
            IReadOnlyList<Account> all = accounts.Store.ListAsync().GetAwaiter().GetResult();
            output.Write(
                all.Select(account => new
                {
                    account = account.Id, name = account.Name, attester = Word(account.Attester), @class = account.Class, quota = account.Quota, disabled = account.IsDisabled,
                }),
                all.Select(account => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{account.Id,-37}  {(account.IsDisabled ? "disabled" : "enabled"),-8}  {Word(account.Attester),-11}  {QuotaOf(account),-22}  {account.Name}").TrimEnd()));
            return 0;
        }));
        return command;
    }

    private static Command Switch(bool disable)
    {
        var account = new Argument<string?>("account") { Description = "Its name, or its id as `accounts list` shows it.", Arity = ArgumentArity.ZeroOrOne };
        var command = disable
            ? new Command("disable", "Issues nothing to an account any more, also to an identity that has not come yet; what it drew stays good.") { account }
            : new Command("enable", "Issues to an account again.") { account };
        var identity = new IdentityOptions(command);
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) =>
        {
            using var accounts = new OpenAccounts(services);
            Account? known = identity.Read(parsed, services, accounts);
            if (known is null == parsed.GetValue(account) is null)
                return IssuerCommands.Complain("give the account's name or id, or an identity: one of the two");
            if (known is not null)
                accounts.Store.FindOrAddAsync(known).GetAwaiter().GetResult();

            string which = known?.Id ?? parsed.GetValue(account)!;
            if (!accounts.Store.SetDisabledAsync(which, disable).GetAwaiter().GetResult())
                return IssuerCommands.Complain($"there is no account \"{which}\"");

            output.Write(new { account = which, disabled = disable }, disable ? "disabled" : "enabled");
            return 0;
        }));
        return command;
    }

    private static string QuotaOf(Account account) =>
        account.Quota is { } quota ? string.Create(CultureInfo.InvariantCulture, $"{quota} per key") : account.Class is { } quotaClass ? $"class {quotaClass}" : "class by attester";

    private static string Word(AttesterKind attester) => attester switch
    {
        AttesterKind.OpenIdConnect => "oidc",
        AttesterKind.Certificate => "certificate",
        _ => "api-key",
    };
}
