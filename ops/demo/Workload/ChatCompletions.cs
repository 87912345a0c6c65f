using System.Text.Json;
using System.Text.Json.Serialization;

namespace Veil.Workload;

/// <summary>One message of a conversation.</summary>
internal sealed record ChatMessage(
    [property: JsonPropertyName("role")] string Role,
    [property: JsonPropertyName("content")] string Content);

/// <summary>What the endpoint reads of a chat completion request; everything else in it is ignored.</summary>
internal sealed record ChatRequest(
    [property: JsonPropertyName("model")] string? Model,
    [property: JsonPropertyName("messages")] IReadOnlyList<ChatMessage>? Messages,
    [property: JsonPropertyName("stream")] bool Stream);

/// <summary><c>POST /v1/chat/completions</c> in the shape of the OpenAI API: the answer is a summary of the conversation.</summary>
internal static class ChatCompletions
{
    private const string Model = "veil-summary-1";

    public static void MapChatCompletions(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/v1/chat/completions", Answer);

    private static async Task Answer(HttpContext context)
    {
        ChatRequest? request = await ReadAsync(context);
        if (request?.Messages is not { Count: > 0 } messages || messages.Any(message => message is not { Role: not null, Content: not null }))
        {
            await RefuseAsync(context, "messages must be a non-empty list of {\"role\", \"content\"}.");
            return;
        }

        IReadOnlyList<string> summary = Summary.Of(messages);
        if (summary.Count == 0)
        {
            await RefuseAsync(context, "messages hold nothing to summarise.");
            return;
        }

        await (request.Stream ? StreamAsync(context, summary) : WholeAsync(context, string.Join(' ', summary)));
    }

    private static async Task<ChatRequest?> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<ChatRequest>(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task WholeAsync(HttpContext context, string answer) => context.Response.WriteAsJsonAsync(
        new
        {
            id = "chatcmpl-veil",
            @object = "chat.completion",
            model = Model,
            choices = new[] { new { index = 0, message = new ChatMessage("assistant", answer), finish_reason = "stop" } },
        },
        context.RequestAborted);

    /// <summary>Server-sent events, one word each, flushed one by one, and <c>[DONE]</c> at the end.</summary>
    private static async Task StreamAsync(HttpContext context, IReadOnlyList<string> summary)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        string text = string.Join(' ', summary);
        for (int start = 0; start < text.Length;)
        {
            int space = text.IndexOf(' ', start);
            int end = space < 0 ? text.Length : space + 1;
            await SendAsync(context, Chunk(text[start..end], finish: null));
            start = end;
        }

        await SendAsync(context, Chunk(content: null, finish: "stop"));
        await SendAsync(context, "[DONE]");
    }

    private static string Chunk(string? content, string? finish) => JsonSerializer.Serialize(new
    {
        id = "chatcmpl-veil",
        @object = "chat.completion.chunk",
        model = Model,
        choices = new[] { new { index = 0, delta = content is null ? new Dictionary<string, string>() : new() { ["content"] = content }, finish_reason = finish } },
    });

    private static async Task SendAsync(HttpContext context, string data)
    {
        await context.Response.WriteAsync($"data: {data}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, string message)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsJsonAsync(new { error = new { message, type = "invalid_request_error" } }, context.RequestAborted);
    }
}
