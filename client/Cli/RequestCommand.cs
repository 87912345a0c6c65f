using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Veil.ClientSdk;

namespace Veil.ClientCli;

/// <summary><c>veil request URL</c>: one private request.</summary>
internal static class RequestCommand
{
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var url = new Argument<Uri>("URL") { Description = "https address at a service of the gateway.", CustomParser = ReadAddress };
        var method = new Option<string?>("--method", "-X") { Description = "GET, or POST with --data, unless named." };
        var data = new Option<string?>("--data", "-d") { Description = "Body: text, @FILE, or @- for standard input; sent as application/json when it is JSON." };
        var header = new Option<string[]>("--header", "-H") { Description = "\"Name: value\"; only names that the allow-list has are sent." };
        var stream = new Option<bool>("--stream") { Description = "Print the answer while it arrives; without it, only when it is whole." };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON: status, headers, body." };
        var units = new Option<int>("--units") { Description = "Units of work to pay for, where the answer will be long: 1, 2, 4, 8, 16 or 32.", DefaultValueFactory = _ => 1 };
        var command = new Command("request", "Send one private request and print the answer. A command that ends refills no wallet: run \"veil tokens fill\" ahead of need.") { url, method, data, header, stream, json, units };
        command.Validators.Add(result =>
        {
            if (result.GetValue(stream) && result.GetValue(json))
            {
                result.AddError("--stream and --json exclude each other.");
            }

            if (Array.Find(result.GetValue(header) ?? [], field => !IsToken(field.Split(':')[0].Trim()) || !field.Contains(':', StringComparison.Ordinal)) is { } wrong)
            {
                result.AddError($"--header: found \"{wrong}\"; allowed is \"Name: value\".");
            }
        });
        method.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && !IsToken(name))
            {
                result.AddError($"--method: found \"{name}\"; allowed is a method's name, such as GET.");
            }
        });
        command.SetAction((parse, cancellationToken) => CommandRunner.RunAsync(
            parse,
            async (handler, options, stop) =>
            {
                using var request = new HttpRequestMessage
                {
                    RequestUri = parse.GetRequiredValue(url),
                    Content = await ReadBodyAsync(parse.GetValue(data), options.MaxBufferedBody, stop).ConfigureAwait(false),
                };
                request.Method = new HttpMethod(parse.GetValue(method) ?? (request.Content is null ? "GET" : "POST"));
                request.Options.Set(VeilRequestOptions.Units, parse.GetValue(units));
                AddFields(request, parse.GetValue(header) ?? []);
                int code = await SendAsync(handler, request, parse.GetValue(stream), parse.GetValue(json), stop).ConfigureAwait(false);
                await WarnWhenLowAsync(handler, stop).ConfigureAwait(false);
                return code;
            },
            cancellationToken));
        return command;
    }

    private static Uri? ReadAddress(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? address) && address.Scheme == Uri.UriSchemeHttps)
        {
            return address;
        }

        result.AddError($"URL: found \"{result.Tokens[0].Value}\"; allowed is an absolute https address.");
        return null;
    }

    private static bool IsToken(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));

    /// <summary>Standard input up to <paramref name="limit"/> bytes is held like a file, so that it is filtered, padded and can be sent again; what is longer streams.</summary>
    private static async Task<HttpContent?> ReadBodyAsync(string? data, int limit, CancellationToken cancellationToken)
    {
        if (data is null)
        {
            return null;
        }

        if (data is not "@-")
        {
            return Held(data.StartsWith('@') ? await File.ReadAllBytesAsync(data[1..], cancellationToken).ConfigureAwait(false) : Encoding.UTF8.GetBytes(data));
        }

        Stream input = Console.OpenStandardInput();
        var start = new byte[limit + 1];
        int size = await input.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return size <= limit ? Held(start[..size]) : new StandardInputContent(start, input) { Headers = { ContentType = new("application/octet-stream") } };
    }

    private static ByteArrayContent Held(byte[] body) =>
        new(body) { Headers = { ContentType = new MediaTypeHeaderValue(IsJson(body) ? "application/json" : "application/octet-stream") } };

    private static bool IsJson(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void AddFields(HttpRequestMessage request, string[] fields)
    {
        foreach (string field in fields)
        {
            string name = field[..field.IndexOf(':', StringComparison.Ordinal)].Trim();
            string value = field[(field.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            if (request.Headers.TryAddWithoutValidation(name, value))
            {
                continue;
            }

            // What a request does not take describes its content: one value each, the caller's instead of ours.
            request.Content?.Headers.Remove(name);
            if (request.Content?.Headers.TryAddWithoutValidation(name, value) is not true)
            {
                throw new SettingsException(request.Content is null
                    ? $"--header: found {name}, which describes a body; allowed with --data."
                    : $"--header: found \"{name}\", which is no field of a request.");
            }
        }
    }

    private static async Task WarnWhenLowAsync(VeilHandler handler, CancellationToken cancellationToken)
    {
        try
        {
            if (handler.Tokens is { } tokens && await tokens.IsLowAsync(cancellationToken).ConfigureAwait(false))
            {
                await Console.Error.WriteLineAsync(
                    $"veil: {await tokens.CountAsync(cancellationToken).ConfigureAwait(false)} tokens are left; run \"veil tokens fill\" ahead of need.").ConfigureAwait(false);
            }
        }
        catch (VeilException)
        {
            // The answer is here; the next command meets whatever is wrong with the wallet.
        }
    }

    private static async Task<int> SendAsync(VeilHandler handler, HttpRequestMessage request, bool stream, bool json, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        using HttpResponseMessage response = await CommandRunner.WaitAsync(
            client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken), "the answer").ConfigureAwait(false);
        using Stream answer = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using Stream output = Console.OpenStandardOutput();
        if (stream)
        {
            await CopyAsync(answer, output, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            byte[] body = await CommandRunner.WaitAsync(ReadAsync(answer, cancellationToken), "the rest of the answer").ConfigureAwait(false);
            await output.WriteAsync(json ? Describe(response, body) : body, cancellationToken).ConfigureAwait(false);
        }

        if ((int)response.StatusCode < 400)
        {
            return ExitCode.Done;
        }

        await Console.Error.WriteLineAsync($"veil: the service answered with status {(int)response.StatusCode}.").ConfigureAwait(false);
        return ExitCode.ErrorStatus;
    }

    private static async Task CopyAsync(Stream answer, Stream output, CancellationToken cancellationToken)
    {
        var piece = new byte[16 << 10];
        while (await answer.ReadAsync(piece, cancellationToken).ConfigureAwait(false) is > 0 and int count)
        {
            await output.WriteAsync(piece.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<byte[]> ReadAsync(Stream answer, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        await answer.CopyToAsync(whole, cancellationToken).ConfigureAwait(false);
        return whole.ToArray();
    }

    private static byte[] Describe(HttpResponseMessage response, byte[] body)
    {
        using var buffer = new MemoryStream();
        using (var line = new Utf8JsonWriter(buffer, OneLine))
        {
            line.WriteStartObject();
            line.WriteNumber("status", (int)response.StatusCode);
            line.WriteStartObject("headers");
            foreach ((string name, HeaderStringValues values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
            {
                line.WriteString(name, values.ToString());
            }

            line.WriteEndObject();
            if (System.Text.Unicode.Utf8.IsValid(body))
            {
                line.WriteString("body", body);
            }
            else
            {
                line.WriteBase64String("body_base64", body);
            }

            line.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
