using System.Globalization;
using Veil.ServiceDefaults;
using Veil.Transparency;
using Veil.TransparencyLog.Storage;

namespace Veil.TransparencyLog.Publishing;

/// <summary>
/// <c>POST /append?index=n</c> for publishers: the content is the entry. 200 with the witnessed checkpoint; 409 with the log's size as text where the log is elsewhere than
/// the publisher thinks; the same call again, after whatever happened, has the same effect once.
/// </summary>
internal sealed class AppendEndpoint(LogWriter writer, PublisherAuthentication publishers)
{
    /// <summary>Where it is.</summary>
    public const string Path = "/append";

    /// <summary>The media type of a log's size, as witnesses give it too.</summary>
    public const string SizeMediaType = "text/x.tlog.size";

    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await Problem.WriteAsync(context, LogProblems.WrongMethod);
            return;
        }

        if (!publishers.Admits(context))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await Problem.WriteAsync(context, LogProblems.NotAPublisher);
            return;
        }

        // Always asked for: an entry that may stand anywhere would stand twice when its publisher tries again.
        if (context.Request.Query["index"] is not [{ } text] || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long index))
        {
            await Problem.WriteAsync(context, LogProblems.BadEntry);
            return;
        }

        byte[] buffer = new byte[EntryBundle.MaxEntrySize + 1];
        int length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        if (length is 0 or > EntryBundle.MaxEntrySize)
        {
            await Problem.WriteAsync(context, LogProblems.BadEntry);
            return;
        }

        (AppendOutcome outcome, long size, byte[] checkpoint) = await writer.AppendAsync(new PendingAppend(index, new LogEntry(buffer.AsMemory(0, length))), context.RequestAborted);
        await (outcome switch
        {
            AppendOutcome.Done => WriteAsync(context, StatusCodes.Status200OK, "text/plain; charset=utf-8", checkpoint),
            AppendOutcome.WrongIndex => WriteAsync(context, StatusCodes.Status409Conflict, SizeMediaType, System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{size}\n"))),
            AppendOutcome.NotWitnessed => Problem.WriteAsync(context, LogProblems.NotWitnessed),
            _ => Problem.WriteAsync(context, LogProblems.NotWritten),
        });
    }

    private static Task WriteAsync(HttpContext context, int status, string mediaType, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
