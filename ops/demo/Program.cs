using System.CommandLine;
using Veil.DevStack;
using Veil.DevStack.Attacks;

var input = new Option<string?>("--input", "-i") { Description = "What to summarise: a text, or lines \"user: …\" and \"assistant: …\"; - reads standard input. Default: a sample conversation." };
var serve = new Option<bool>("--serve") { Description = "Keep all parties up after the request and print how to talk to it with veil and curl." };
var json = new Option<bool>("--json") { Description = "Print exactly one line of JSON on standard output; progress goes to standard error." };
var port = new Option<int>("--port") { Description = "First of the ports that are used on loopback; 0 takes free ones.", DefaultValueFactory = _ => 18440 };
var attack = new Option<string?>("--attack") { Description = $"Play attacks against a client instead: \"all\", or a list of {string.Join(", ", AttackList.All.Select(known => known.Name))}. Exits non-zero when one is not noticed." };
var keep = new Option<DirectoryInfo?>("--folder") { Description = "Where the parties' folders (configuration, logs, recordings) are made and kept. Default: a temporary folder that is removed." };
port.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is not 0 and (< 1024 or > 65000))
    {
        result.AddError("--port takes 0 or a number from 1024 to 65000.");
    }
});

var command = new RootCommand("Brings up every party of Veil on loopback, each in a process of its own, sends a real private request and shows who saw what.")
{
    input, serve, json, port, keep, attack,
};
command.SetAction((parsed, cancellation) => Demo.RunAsync(
    new DemoOptions(parsed.GetValue(input), parsed.GetValue(serve), parsed.GetValue(json), parsed.GetValue(port), parsed.GetValue(keep)?.FullName, parsed.GetValue(attack)),
    cancellation));
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
