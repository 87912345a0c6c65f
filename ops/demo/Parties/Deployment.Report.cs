using System.Text.Json;
using Veil.Recorder;

namespace Veil.DevStack;

/// <content>What each party received in this run.</content>
public sealed partial class Deployment
{
    /// <summary>Tokens that the gateway has redeemed so far.</summary>
    public int TokensSpent => Tokens().Count();

    /// <summary>Builds the table of who saw what.</summary>
    /// <param name="conversation">The question that was asked.</param>
    /// <param name="answer">The answer's bytes as the client read them.</param>
    public WhoSawWhat WhoSawWhat(IReadOnlyList<Message> conversation, string answer)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(answer);
        var patterns = new SecretPatterns();
        patterns.Add(Secrets.Address, $"{Plan.Client}");
        patterns.Add(Secrets.Account, ApiKey);
        foreach (byte[] token in Tokens())
        {
            patterns.Add(Secrets.Token, token);
        }

        foreach (Message message in conversation)
        {
            patterns.Add(Secrets.Question, JsonSerializer.Serialize(message.Content)[1..^1]);
        }

        patterns.Add(Secrets.Answer, answer.Split('\n').FirstOrDefault(line => line.Length > 0) ?? "");
        (string, string, IReadOnlyList<Record>)[] recordings =
        [
            Recording(Relay, Plan.Relay),
            Recording(Gateway, Plan.Gateway),
            Recording(Issuer, Plan.Issuer),
            .. Hosts.Select((host, index) => Recording(host, Plan.Hosts[index])),
        ];
        if (Workload is not null)
        {
            recordings = [.. recordings, (Workload.Name, "127.0.0.1", [.. Received(Workload)])];
        }

        return new WhoSawWhat(recordings, $"{Plan.Client}", patterns);
    }

    private (string, string, IReadOnlyList<Record>) Recording(PartyProcess party, Place place) => (party.Name, $"{place.Public.Address}", [.. Received(party)]);

    private IEnumerable<byte[]> Tokens() =>
        Received(Issuer)
            .Where(record => record.Target == "/redeem")
            .SelectMany(record => JsonDocument.Parse(record.Request).RootElement.GetProperty("redemptions").EnumerateArray())
            .Select(redemption => FromBase64Url(redemption.GetProperty("token").GetString()!));

    private static byte[] FromBase64Url(string text)
    {
        string base64 = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        return Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
    }
}
