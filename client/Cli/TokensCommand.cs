using System.CommandLine;
using System.Globalization;
using Veil.ClientSdk;

namespace Veil.ClientCli;

/// <summary><c>veil tokens list</c> and <c>veil tokens fill</c>.</summary>
internal static class TokensCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one line of JSON.", Recursive = true };
        var list = new Command("list", "Say how many tokens the wallet can spend.");
        list.SetAction((parse, cancellationToken) => CommandRunner.RunAsync(
            parse,
            async (handler, _, stop) =>
            {
                int count = await CommandRunner.WaitAsync(Wallet(handler).CountAsync(stop), "the gateway's view").ConfigureAwait(false);
                return await SayAsync(parse.GetValue(json), drawn: null, count).ConfigureAwait(false);
            },
            cancellationToken));
        var fill = new Command("fill", "Draw tokens until the wallet has TokenTarget of them, ahead of need.");
        fill.SetAction((parse, cancellationToken) => CommandRunner.RunAsync(
            parse,
            async (handler, _, stop) =>
            {
                int drawn = await CommandRunner.WaitAsync(Wallet(handler).FillAsync(stop), "the issuer").ConfigureAwait(false);
                return await SayAsync(parse.GetValue(json), drawn, await Wallet(handler).CountAsync(stop).ConfigureAwait(false)).ConfigureAwait(false);
            },
            cancellationToken));
        return new Command("tokens", "The wallet: anonymous tokens, drawn ahead of need and spent one a request.") { list, fill, json };
    }

    private static TokenSupply Wallet(VeilHandler handler) =>
        handler.Tokens ?? throw new SettingsException("WalletFile: found nothing; name a wallet with --wallet or an issuer with --issuer.");

    private static async Task<int> SayAsync(bool json, int? drawn, int count)
    {
        string drawnText = drawn?.ToString(CultureInfo.InvariantCulture) ?? "";
        string line = json
            ? drawn is null ? $$"""{"tokens":{{count}}}""" : $$"""{"drawn":{{drawnText}},"tokens":{{count}}}"""
            : drawn is null ? $"{count} tokens" : $"{drawnText} drawn, {count} tokens";
        await Console.Out.WriteLineAsync(line).ConfigureAwait(false);
        return ExitCode.Done;
    }
}
