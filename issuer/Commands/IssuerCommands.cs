using System.CommandLine;
using Veil.KeyStore;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>The command line of <c>veil-issuer</c>. Without a verb it serves.</summary>
internal static class IssuerCommands
{
    private static readonly Option<string?> Config = new("--config")
    {
        Description = "JSON file with the configuration, besides appsettings.json and the environment.",
        Recursive = true,
        HelpName = "FILE",
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Answer with one line of JSON.",
        Recursive = true,
    };

    /// <summary>All commands.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("Issues anonymous tokens to accounts and redeems them for gateways.") { Config, Json };
        var serve = new Command("serve", "Serves until SIGTERM (the default).");
        serve.SetAction((parsed, _) => ServeAsync(parsed));
        root.SetAction((parsed, _) => ServeAsync(parsed));
        root.Subcommands.Add(serve);
        root.Subcommands.Add(KeysCommand.Create());
        root.Subcommands.Add(AccountsCommand.Create());
        return root;
    }

    /// <summary>Runs a verb on the validated configuration; what goes wrong is one line on standard error and an exit code that is not 0.</summary>
    public static int Run(ParseResult parsed, Func<IServiceProvider, CommandOutput, int> verb)
    {
        try
        {
            using WebApplication app = IssuerApp.CreateBuilder(ConfigArguments(parsed)).Build();
            return verb(app.Services, new CommandOutput(Console.Out, parsed.GetValue(Json)));
        }
        catch (Microsoft.Extensions.Options.OptionsValidationException e)
        {
            foreach (string failure in e.Failures)
            {
                Complain(failure);
            }

            return ServiceProgram.BadConfiguration;
        }
        catch (Exception e) when (e is StartupException or KeyStoreException or StoreUnavailableException or PlatformNotSupportedException)
        {
            return Complain(e.Message);
        }
    }

    /// <summary>One line on standard error.</summary>
    public static int Complain(string message)
    {
        Console.Error.WriteLine($"{IssuerApp.Name}: {message.ReplaceLineEndings(" ")}");
        return ServiceProgram.StartFailed;
    }

    private static Task<int> ServeAsync(ParseResult parsed) => ServiceProgram.RunAsync(IssuerApp.Name, () => IssuerApp.Build(ConfigArguments(parsed)));

    private static string[] ConfigArguments(ParseResult parsed) => parsed.GetValue(Config) is { } file ? ["--config", file] : [];
}
