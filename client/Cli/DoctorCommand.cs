using System.CommandLine;
using System.Text.Json;
using Veil.ClientSdk;

namespace Veil.ClientCli;

/// <summary><c>veil doctor</c>: walks the way hop by hop and names the one that fails and what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var service = new Option<string?>("--service") { Description = "Authority to ask at the end; default is the first that the gateway serves." };
        var path = new Option<string>("--path") { Description = "Path to ask for there.", DefaultValueFactory = _ => "/" };
        var noSpend = new Option<bool>("--no-spend") { Description = "Stop before the request that costs a token." };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON for each step." };
        var command = new Command("doctor", "Check every hop; the last check sends a request and costs a token.") { service, path, noSpend, json };
        command.SetAction((parse, cancellationToken) => CommandRunner.RunAsync(
            parse,
            async (handler, options, stop) =>
            {
                bool healthy = true;
                string? asked = parse.GetValue(noSpend) ? null : parse.GetValue(service);
                TimeSpan patience = options.DocumentTimeout;
                await foreach (Finding finding in Examination.RunAsync(handler, asked, parse.GetValue(path)!, spend: !parse.GetValue(noSpend), patience, stop).ConfigureAwait(false))
                {
                    healthy &= finding.Passed;
                    await Console.Out.WriteLineAsync(parse.GetValue(json) ? Line(finding) : finding.ToString()).ConfigureAwait(false);
                }

                return healthy ? ExitCode.Done : ExitCode.Failed;
            },
            cancellationToken));
        return command;
    }

    private static string Line(Finding finding) => JsonSerializer.Serialize(
        new { step = finding.Step, passed = finding.Passed, found = finding.Found, remedy = finding.Remedy });
}
