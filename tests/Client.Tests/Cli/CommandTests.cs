using System.Text.Json;
using Veil.Client.Tests.Exchange;

namespace Veil.Client.Tests.Cli;

public static class CommandTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("request", "--help")]
    [InlineData("tokens", "--help")]
    [InlineData("doctor", "--help")]
    [InlineData("evidence", "--help")]
    [InlineData("evidence", "explain", "--help")]
    [InlineData("evidence", "record", "--help")]
    [InlineData("plan", "--help")]
    public static async Task Help_is_everywhere(params string[] arguments)
    {
        (int code, string output, _) = await VeilCommand.RunAsync(arguments);

        Assert.Equal(0, code);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task Missing_settings_are_told_all_at_once_without_a_stack()
    {
        (int code, string output, string error) = await VeilCommand.RunAsync(["request", "https://chat.example/"]);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains("Relay: found nothing", error, StringComparison.Ordinal);
        Assert.Contains("Authority: found nothing", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("URL: found", "request", "http://chat.example/")]
    [InlineData("--header: found", "request", "https://chat.example/", "-H", "nothing")]
    [InlineData("--header: found", "request", "https://chat.example/", "-H", "no name: x")]
    [InlineData("--method: found", "request", "https://chat.example/", "-X", "GE T")]
    [InlineData("exclude each other", "request", "https://chat.example/", "--json", "--stream")]
    [InlineData("Cannot parse argument", "request", "https://chat.example/", "--units", "some")]
    [InlineData("Unrecognized", "request", "https://chat.example/", "--frob")]
    public static async Task Wrong_usage_is_told_with_a_code_of_its_own(string told, params string[] arguments)
    {
        (int code, _, string error) = await VeilCommand.RunAsync(arguments);

        Assert.Equal(2, code);
        Assert.Contains(told, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Relai":"https://relay.example/g"}""", "Relai")]
    [InlineData("""{"TokenTarget":"many"}""", "TokenTarget")]
    [InlineData("""["relay"]""", "no JSON object")]
    [InlineData("""{"Relay":""", "not JSON")]
    public static async Task A_settings_file_with_a_mistake_is_refused_by_name(string json, string named)
    {
        using var folder = new Folder();
        await File.WriteAllTextAsync(folder.File("veil.json"), json, TestContext.Current.CancellationToken);

        (int code, _, string error) = await VeilCommand.RunAsync(["tokens", "list"], folder: folder.Path);

        Assert.Equal(2, code);
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task Settings_come_from_the_file_the_environment_and_flags()
    {
        await using FarSide far = await FarSide.StartAsync();
        using var folder = new Folder();
        await File.WriteAllTextAsync(
            folder.File("veil.json"), """{ /* the relay comes by a flag */ "Authority": "gateway.example", "Chunked": true, "WithoutLog": true }""", TestContext.Current.CancellationToken);

        (int code, string output, string error) = await VeilCommand.RunAsync(
            ["request", "https://chat.example/", "-d", "hello", "--relay", $"{far.Origin}/gateway"],
            folder: folder.Path,
            environment: ("VEIL_TRUSTED_ROOTS_FILE", far.File("roots.pem")));

        Assert.Equal((0, "hello"), (code, output));
        Assert.Equal("", error);
    }

    [Theory]
    [InlineData("--stream")]
    [InlineData("--plain")]
    public static async Task A_request_reads_its_body_and_prints_the_answer(string mode)
    {
        await using FarSide far = await FarSide.StartAsync();

        (int code, string output, _) = await VeilCommand.RunAsync(["request", "https://chat.example/x", "-X", "PUT", "-d", "@-", mode, .. Flags(far)], input: "from standard input");

        Assert.Equal((0, "from standard input"), (code, output));
        Assert.Equal("PUT", Assert.Single(far.Inner).Method);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5000)]
    public static async Task Standard_input_is_held_up_to_the_limit_and_streams_beyond(int size)
    {
        await using FarSide far = await FarSide.StartAsync();
        string input = $$"""{"text":"{{new string('x', size)}}","user":"me"}""";

        (int code, string output, _) = await VeilCommand.RunAsync(
            ["request", "https://chat.example/x", "-d", "@-", .. Flags(far)], input, folder: null, ("VEIL_MAX_BUFFERED_BODY", "1024"));

        Assert.Equal(0, code);
        Assert.Equal(size < 1024 ? $$"""{"text":"{{new string('x', size)}}"}""" : input, output);
        Assert.True(Assert.Single(far.Inner).Headers.TryGet("content-type", out string? type));
        Assert.Equal(size < 1024 ? "application/json" : "application/octet-stream", type);
    }

    [Fact]
    public static async Task Fields_of_the_content_go_with_it_and_are_refused_without()
    {
        await using FarSide far = await FarSide.StartAsync();
        string[] request = ["request", "https://chat.example/", "-H", "Content-Encoding: gzip", "-H", "content-type: text/x", .. Flags(far)];

        Assert.Equal(0, (await VeilCommand.RunAsync([.. request, "-d", "body"])).Code);
        (int code, _, string error) = await VeilCommand.RunAsync(request);

        Assert.True(Assert.Single(far.Inner).Headers.TryGet("content-encoding", out string? encoding));
        Assert.Equal("gzip", encoding);
        Assert.Equal((2, "veil: --header: found Content-Encoding, which describes a body; allowed with --data.\n"), (code, error));
    }

    [Theory]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("nothing of the kind")]
    public static async Task Damaged_roots_are_told_in_one_line(string pem)
    {
        using var folder = new Folder();
        await File.WriteAllTextAsync(folder.File("roots.pem"), pem, TestContext.Current.CancellationToken);

        (int code, _, string error) = await VeilCommand.RunAsync(
            ["tokens", "list", "--relay", "https://relay.example/g", "--authority", "gateway.example", "--without-log", "--roots", folder.File("roots.pem")]);

        Assert.Equal(2, code);
        Assert.StartsWith("veil: TrustedRootsFile: found", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public static async Task A_body_that_is_no_text_is_told_in_one_line()
    {
        await using FarSide far = await FarSide.StartAsync();

        (int code, _, string error) = await VeilCommand.RunAsync(["request", "https://chat.example/v1/chat/completions", "-d", """{"\ud800":1}""", .. Flags(far)]);

        Assert.Equal(1, code);
        Assert.StartsWith("veil: Client: the body is not the JSON", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3", "veil: 2 tokens are left; run \"veil tokens fill\" ahead of need.\n")]
    [InlineData("2", "")]
    public static async Task A_wallet_that_runs_low_is_told_after_the_answer(string reserve, string told)
    {
        await using FarSide far = await FarSide.StartAsync();
        string[] flags = [.. Flags(far), "--issuer", far.Origin, "--wallet", far.File("wallet")];
        (string, string) account = ("VEIL_API_KEY", "account");
        await VeilCommand.RunAsync(["tokens", "fill", .. flags], environment: [account, ("VEIL_TOKEN_TARGET", "3"), ("VEIL_TOKEN_RESERVE", "0")]);

        (int code, string output, string error) = await VeilCommand.RunAsync(
            ["request", "https://chat.example/", "-d", "hello", .. flags], environment: [account, ("VEIL_TOKEN_TARGET", "4"), ("VEIL_TOKEN_RESERVE", reserve)]);

        Assert.Equal((0, "hello", told), (code, output, error));
    }

    [Fact]
    public static async Task With_json_one_line_tells_status_fields_and_body()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnService = exchange => exchange.AnswerAsync(404, "nothing \"here\""u8.ToArray());

        (int code, string output, _) = await VeilCommand.RunAsync(["request", "https://chat.example/", "--json", .. Flags(far)]);

        Assert.Equal(3, code);
        using var line = JsonDocument.Parse(Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(404, line.RootElement.GetProperty("status").GetInt32());
        Assert.Equal("nothing \"here\"", line.RootElement.GetProperty("body").GetString());
    }

    [Fact]
    public static async Task An_answer_that_is_cut_short_fails_and_prints_nothing_of_it()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnService = async exchange =>
        {
            await exchange.RespondAsync(200);
            await exchange.WriteAsync("half"u8.ToArray());
        };

        (int code, string output, string error) = await VeilCommand.RunAsync(["request", "https://chat.example/", .. Flags(far)]);

        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("veil: Gateway: the answer ends early", error, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task Tokens_are_filled_and_counted()
    {
        await using FarSide far = await FarSide.StartAsync();
        string[] flags = [.. Flags(far), "--issuer", far.Origin, "--wallet", far.File("wallet")];
        (string, string)[] environment = [("VEIL_API_KEY", "account"), ("VEIL_TOKEN_TARGET", "4"), ("VEIL_TOKEN_RESERVE", "0")];

        Assert.Equal("4 drawn, 4 tokens: 4 of type 2 (Blind RSA 2048)\n", (await VeilCommand.RunAsync(["tokens", "fill", .. flags], environment: environment)).Output);
        Assert.Equal("""{"tokens":4,"types":[{"type":2,"name":"Blind RSA 2048","tokens":4,"is_drawn":true}]}""" + "\n", (await VeilCommand.RunAsync(["tokens", "list", "--json", .. flags], environment: environment)).Output);
    }

    [Fact]
    public static async Task The_doctor_walks_the_whole_way()
    {
        await using FarSide far = await FarSide.StartAsync();
        string[] flags = [.. Flags(far), "--issuer", far.Origin, "--wallet", far.File("wallet")];

        (int code, string output, _) = await VeilCommand.RunAsync(["doctor", "--json", .. flags], environment: ("VEIL_API_KEY", "account"));

        Assert.Equal(0, code);
        Assert.Equal(["settings", "relay", "mirror", "gateway", "agreement", "issuer", "wallet", "host"], Steps(output));
    }

    [Theory]
    [InlineData("relay", "settings relay")]
    [InlineData("mirror", "settings relay mirror")]
    [InlineData("gateway", "settings relay mirror gateway")]
    [InlineData("agreement", "settings relay mirror gateway agreement")]
    [InlineData("token", "settings relay mirror gateway agreement token")]
    [InlineData("host", "settings relay mirror gateway agreement host")]
    [InlineData("host hangs", "settings relay mirror gateway agreement host")]
    [InlineData("host hangs midway", "settings relay mirror gateway agreement host")]
    [InlineData("host dies midway", "settings relay mirror gateway agreement host")]
    public static async Task The_doctor_names_the_hop_that_fails(string hop, string steps)
    {
        await using FarSide far = await FarSide.StartAsync();
        switch (hop)
        {
            case "mirror":
                far.Mirror = [0];
                break;
            case "gateway":
                far.OnRelay = context =>
                {
                    context.Response.StatusCode = 502;
                    return Task.FromResult(true);
                };
                break;
            case "agreement":
                far.ChangeView = view => view with { Keys = (byte[])[.. view.Keys.Span, .. view.Keys.Span] };
                break;
            case "token":
                far.OnService = exchange => exchange.AnswerAsync(401, default);
                break;
            case "host":
                far.OnService = exchange => exchange.AnswerAsync(503, default);
                break;
            case "host hangs":
                far.OnService = _ => Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
                break;
            case "host hangs midway":
                far.OnService = async exchange =>
                {
                    await exchange.RespondAsync(200);
                    await Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
                };
                break;
            case "host dies midway":
                far.OnService = exchange => exchange.RespondAsync(200);
                break;
        }

        string[] flags = Flags(far, hop is "relay" ? "no-such-gateway" : "gateway");
        (int code, string output, string error) = await VeilCommand.RunAsync(["doctor", "--json", .. flags], environment: ("VEIL_DOCUMENT_TIMEOUT", "00:00:03"));

        Assert.Equal((1, ""), (code, error));
        Assert.Equal(steps.Split(' '), Steps(output));
        using var last = JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        Assert.False(last.RootElement.GetProperty("passed").GetBoolean());
        Assert.NotEqual("", last.RootElement.GetProperty("remedy").GetString());
    }

    private static string[] Flags(FarSide far, string gateway = "gateway") =>
        ["--relay", $"{far.Origin}/{gateway}", "--authority", FarSide.Authority, "--roots", far.File("roots.pem"), "--without-log"];

    private static string[] Steps(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetString()!)];

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("veil-cli-").FullName;

        public string File(string name) => System.IO.Path.Combine(Path, name);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
