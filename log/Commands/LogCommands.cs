using System.CommandLine;
using Veil.ServiceDefaults;
using Veil.TransparencyLog.Witnessing;

namespace Veil.TransparencyLog.Commands;

/// <summary>What a person runs: <c>veil-log serve|witness|append|init|key|bundle|release|monitor</c>.</summary>
internal static class LogCommands
{
    /// <summary>All commands.</summary>
    public static RootCommand Root() => new("An authority's transparency log, its witnesses, and what its operators sign.")
    {
        Service("serve", "Keep a log: take entries of publishers, have witnesses cosign, serve checkpoint and tiles to everyone.", args => LogApp.Build(args)),
        Service("witness", "Cosign checkpoints of the configured logs, each only when it continues the last one.", args => WitnessApp.Build(args)),
        AppendCommand.Create(),
        InitCommand.Create(),
        KeyCommand.Create(),
        BundleCommand.Create(),
        ReleaseCommand.Create(),
        MonitorCommand.Create(),
    };

    /// <summary>A command that is a service: everything after its name is configuration, as <c>--config FILE</c> or <c>--Section:Property=value</c>.</summary>
    private static Command Service(string name, string description, Func<string[], WebApplication> build)
    {
        var command = new Command(name, description) { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(parsed => ServiceProgram.RunAsync(LogApp.Name, () => build([.. parsed.UnmatchedTokens])));
        return command;
    }
}
