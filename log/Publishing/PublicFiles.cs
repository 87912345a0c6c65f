using System.Text.RegularExpressions;
using Veil.ServiceDefaults;

namespace Veil.TransparencyLog.Publishing;

/// <summary>What everyone may read (C2SP tlog-tiles): <c>/checkpoint</c>, and tiles as they lie in the folder, which another web server may serve as well.</summary>
internal sealed partial class PublicFiles(LogWriter writer)
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
        else if (TilePattern().IsMatch(path) && await ReadAsync(path) is { } tile)
        {
            await WriteAsync(context, "application/octet-stream", "public, max-age=31536000, immutable", tile);
        }
        else
        {
            await Problem.WriteAsync(context, LogProblems.NoSuchResource);
        }
    }

    private async Task<byte[]?> ReadAsync(string path)
    {
        try
        {
            return await File.ReadAllBytesAsync(System.IO.Path.Combine(writer.PublicFolder, path[1..]));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Task WriteAsync(HttpContext context, string mediaType, string cacheControl, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = cacheControl;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>Exactly the paths of tiles: nothing that could leave the folder.</summary>
    [GeneratedRegex(@"^/tile/(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?$", RegexOptions.CultureInvariant)]
    private static partial Regex TilePattern();
}
