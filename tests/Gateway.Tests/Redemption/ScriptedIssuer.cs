using System.Net;
using System.Text;
using System.Text.Json;

namespace Veil.Gateway.Tests.Redemption;

/// <summary>Stands where the issuer's socket would be: keeps each call and answers it as the script says.</summary>
internal sealed class ScriptedIssuer(Func<int, string[], HttpResponseMessage> answer) : HttpMessageHandler
{
    private readonly List<(string Token, string Id)[]> _calls = [];

    public IReadOnlyList<(string Token, string Id)[]> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public string? Authorization { get; private set; }

    public static HttpResponseMessage Verdicts(params IEnumerable<string> verdicts) =>
        new(HttpStatusCode.OK) { Content = new StringContent(JsonSerializer.Serialize(new { verdicts }), Encoding.UTF8, "application/json") };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Authorization = request.Headers.Authorization?.ToString();
        using JsonDocument body = JsonDocument.Parse(await request.Content!.ReadAsByteArrayAsync(cancellationToken));
        (string, string)[] call =
            [.. body.RootElement.GetProperty("redemptions").EnumerateArray().Select(entry => (entry.GetProperty("token").GetString()!, entry.GetProperty("redemption_id").GetString()!))];
        int number;
        lock (_calls)
        {
            number = _calls.Count;
            _calls.Add(call);
        }

        return answer(number, [.. call.Select(entry => entry.Item1)]);
    }
}
