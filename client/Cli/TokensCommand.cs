using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Veil.ClientSdk;

namespace Veil.ClientCli;

/// <summary><c>veil tokens</c>, <c>veil tokens list</c> and <c>veil tokens fill</c>.</summary>
internal static class TokensCommand
{
    private static readonly JsonSerializerOptions OneLine = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one line of JSON.", Recursive = true };
        var list = new Command("list", "Say how many tokens the wallet can spend, by type.");
        list.SetAction(ListAsync);
        var fill = new Command("fill", "Draw tokens until the wallet has TokenTarget of them, ahead of need.");
        fill.SetAction((parse, cancellationToken) => CommandRunner.RunAsync(
            parse,
            async (handler, _, stop) =>
            {
                int drawn = await CommandRunner.WaitAsync(Wallet(handler).FillAsync(stop), "the issuer").ConfigureAwait(false);
                return await SayAsync(parse.GetValue(json), drawn, await Wallet(handler).ListAsync(stop).ConfigureAwait(false)).ConfigureAwait(false);
            },
            cancellationToken));
        var tokens = new Command("tokens", "The wallet: anonymous tokens, drawn ahead of need and spent with requests. Without a command, what it holds.") { list, fill, json };
        tokens.SetAction(ListAsync);
        return tokens;

        Task<int> ListAsync(ParseResult parse, CancellationToken cancellationToken) => CommandRunner.RunAsync(
            parse,
            async (handler, _, stop) =>
            {
                IReadOnlyList<TokenStock> stock = await CommandRunner.WaitAsync(Wallet(handler).ListAsync(stop), "the gateway's view").ConfigureAwait(false);
                return await SayAsync(parse.GetValue(json), drawn: null, stock).ConfigureAwait(false);
            },
            cancellationToken);
    }

    private static TokenSupply Wallet(VeilHandler handler) =>
        handler.Tokens ?? throw new SettingsException("WalletFile: found nothing; name a wallet with --wallet or an issuer with --issuer.");

    private static async Task<int> SayAsync(bool json, int? drawn, IReadOnlyList<TokenStock> stock)
    {
        int count = stock.Sum(type => type.Count);
        string line = json
            ? JsonSerializer.Serialize(
                new Tokens(drawn, count, [.. stock.Select(type => new TokensOfType(type.Type, type.Name, type.Count, type.IsDrawn))]), OneLine)
            : $"{(drawn is null ? "" : $"{drawn} drawn, ")}{count} tokens{(stock.Count is 0 ? "" : $": {string.Join(", ", stock)}")}";
        await Console.Out.WriteLineAsync(line).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private sealed record Tokens(int? Drawn, [property: JsonPropertyName("tokens")] int Count, IReadOnlyList<TokensOfType> Types);

    private sealed record TokensOfType(int Type, string Name, int Tokens, bool IsDrawn);
}
