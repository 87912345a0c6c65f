using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Veil.ClientSdk;
using Veil.DevStack.Attacks;

namespace Veil.DevStack;

/// <summary>What a person asked the demo to do.</summary>
/// <param name="Input">A file to summarise, <c>-</c> for standard input, null for the sample.</param>
/// <param name="Serve">Keep the deployment up.</param>
/// <param name="Json">One line of JSON on standard output.</param>
/// <param name="Port">First port, or 0 for free ones.</param>
/// <param name="Folder">Where to keep the parties' folders; null for a temporary one.</param>
/// <param name="Attack">Attacks to play instead of a request; null for none.</param>
internal sealed record DemoOptions(string? Input, bool Serve, bool Json, int Port, string? Folder, string? Attack);

/// <summary>One run: deployment up, private request, who saw what, deployment down.</summary>
internal static class Demo
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellation)
    {
        TextWriter progress = options.Json ? Console.Error : Console.Out;
        IReadOnlyList<Attack>? attacks = null;
        if (options.Attack is not null && (attacks = AttackRun.Parse(options.Attack, out string problem)) is null)
        {
            await Console.Error.WriteLineAsync(problem);
            return 2;
        }

        try
        {
            IReadOnlyList<Message> conversation = options.Input is null ? Conversation.Sample() : Conversation.Read(options.Input);
            var clock = Stopwatch.StartNew();
            void Step(string text) => progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,5:0.0} s  {text}"));

            await using Deployment deployment = await Deployment.StartAsync(new DeploymentOptions { BasePort = options.Port, Folder = options.Folder }, Step, cancellation);
            if (attacks is not null)
            {
                return await AttackRun.RunAsync(deployment, attacks, Step, options.Json, cancellation);
            }

            Answer answer = await AskAsync(deployment, conversation, Step, options.Json ? null : Console.Out, cancellation);
            WhoSawWhat saw = deployment.WhoSawWhat(conversation, answer.Raw);
            Report(options, answer, saw, deployment.TokensSpent);

            if (options.Serve)
            {
                HowToTalk.Write(progress, deployment);
                await WaitForStopAsync(cancellation);
            }

            return saw.CouldTiePersonToRequest.Any() ? 1 : 0;
        }
        catch (DevStackException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"The private request failed: {failure.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return 130;
        }
    }

    private static async Task<Answer> AskAsync(Deployment deployment, IReadOnlyList<Message> conversation, Action<string> step, TextWriter? live, CancellationToken cancellation)
    {
        using var handler = new VeilHandler(deployment.ClientOptions());
        using var http = new HttpClient(handler, disposeHandler: false) { Timeout = AnswerWithin };
        TrustedView view = await handler.GetViewAsync(cancellation);
        step(view.Standing is { } standing
            ? $"client   relies on the head of epoch {standing.Epoch} in a log of {standing.LogSize}, cosigned by {string.Join(" and ", standing.Witnesses)}"
            : "client   compared the relay's mirror with the gateway's own copy");
        if (view.Standing is { } verified)
        {
            step($"client   appraised {verified.HostsVerified} of {verified.FleetTotal} hosts itself: genuine, not to be debugged, running {string.Join(" or ", verified.Releases.Select(release => $"\"{release}\""))}");
        }

        step("client   draws tokens, asks");
        string body = JsonSerializer.Serialize(new
        {
            model = "veil-summary-1",
            stream = true,
            messages = conversation.Select(message => new { role = message.Role, content = message.Content }),
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(deployment.ServiceUrl, "/v1/chat/completions"))
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new DevStackException($"The service answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellation)}");
        }

        TokenStock? drawn = (await handler.Tokens!.ListAsync(cancellation)).FirstOrDefault(stock => stock.IsDrawn);
        step($"client   paid with a token of type {drawn?.Type} ({drawn?.Name}); reads the answer as it arrives");
        live?.WriteLine();
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var reader = new StreamReader(stream);
        var raw = new StringBuilder();
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            raw.Append(line).Append('\n');
            if (line.StartsWith("data: {", StringComparison.Ordinal) && Delta(line["data: ".Length..]) is { } piece)
            {
                text.Append(piece);
                live?.Write(piece);
            }
        }

        live?.WriteLine();
        live?.WriteLine();
        return new Answer(text.ToString(), raw.ToString());
    }

    private static string? Delta(string json)
    {
        using var chunk = JsonDocument.Parse(json);
        return chunk.RootElement.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : null;
    }

    private static void Report(DemoOptions options, Answer answer, WhoSawWhat saw, int tokens)
    {
        if (options.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                ok = !saw.CouldTiePersonToRequest.Any(),
                answer = answer.Text,
                tokens,
                host = saw.Saw.Where(party => party.Key.StartsWith("host", StringComparison.Ordinal) && party.Value.HasFlag(Secrets.Question)).Select(party => party.Key).FirstOrDefault(),
                saw = saw.Saw.ToDictionary(
                    party => party.Key,
                    party => new
                    {
                        peers = saw.Rows.Where(row => row.Party == party.Key && row.Peer != "-").Select(row => row.Peer),
                        address = party.Value.HasFlag(Secrets.Address),
                        account = party.Value.HasFlag(Secrets.Account),
                        token = party.Value.HasFlag(Secrets.Token),
                        question = party.Value.HasFlag(Secrets.Question),
                        answer = party.Value.HasFlag(Secrets.Answer),
                    }),
            }));
            return;
        }

        Console.WriteLine("Who saw what, from what each party really received in this run:");
        Console.WriteLine();
        SawTable.Write(Console.Out, saw);
        Console.WriteLine();
        Console.WriteLine(saw.CouldTiePersonToRequest.ToArray() is { Length: > 0 } could
            ? $"FAILED: {string.Join(", ", could)} could tie the person to the request."
            : "No party saw both who asked and what was asked. The gateway hands the content on in clear until requests are sealed to hosts.");
    }

    private static async Task WaitForStopAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how a served deployment is meant to end.
        }
    }

    private sealed record Answer(string Text, string Raw);
}
