using System.CommandLine;
using Veil.ClientCli;
using Veil.ClientCli.Evidence;
using Veil.ClientCli.Log;
using Veil.ClientCli.Trust;

var root = new RootCommand("""
    Private requests to attested hosts: through a relay that sees who asks and not what, to a gateway that sees what and not who.

    Settings come from veil.json (in this folder, else in ~/.config/veil, else from --config), then VEIL_ environment variables such as
    VEIL_RELAY, then flags. Exit codes: 0 done, 1 a hop failed, 2 wrong usage or settings, 3 the service answered with 400 or above.
    """)
{
    RequestCommand.Create(),
    TokensCommand.Create(),
    DoctorCommand.Create(),
    EvidenceCommand.Create(),
    PlanCommand.Create(),
    LogCommand.Create(),
    TrustCommand.Create(),
};
Settings.AddTo(root);

// "@FILE" is the body of a request here, not a file of arguments.
ParseResult parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
int code = await parse.InvokeAsync();
return parse.Errors.Count is 0 ? code : ExitCode.Usage;
