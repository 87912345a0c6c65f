using Veil.ServiceDefaults;
using Veil.Transparency;

namespace Veil.TransparencyLog.Publishing;

/// <summary>What everyone may read (C2SP tlog-tiles): <c>/checkpoint</c>, and the tiles of what it covers.</summary>
internal sealed class PublicFiles(LogWriter writer)
{
    public async Task HandleAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        string path = context.Request.Path.Value ?? "";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            await Problem.WriteAsync(context, LogProblems.WrongMethod);
        }
        else if (path is "/checkpoint" && !writer.Checkpoint.IsEmpty)
        {
            await WriteAsync(context, "text/plain; charset=utf-8", "no-cache", writer.Checkpoint);
        }
        else if (path is ['/', .. string name] && TilePath.TryParse(name, out TilePath tile) && writer.Read(tile) is { } bytes)
        {
            await WriteAsync(context, "application/octet-stream", "public, max-age=31536000, immutable", bytes);
        }
        else
        {
            await Problem.WriteAsync(context, LogProblems.NoSuchResource);
        }
    }

    private static Task WriteAsync(HttpContext context, string mediaType, string cacheControl, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = cacheControl;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
