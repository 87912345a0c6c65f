using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Veil.ServiceDefaults;

/// <summary>
/// One refusal of a service's closed set (RFC 9457). The body is written once, when the problem is declared, so nothing of a request
/// can ever be echoed in it.
/// </summary>
public sealed class Problem
{
    /// <summary>Media type of the body.</summary>
    public const string MediaType = "application/problem+json";

    private readonly byte[] _body;

    /// <summary>Declares a problem.</summary>
    /// <param name="status">HTTP status, 400 to 599.</param>
    /// <param name="type">URI of the problem type.</param>
    /// <param name="title">One sentence, the same for every occurrence.</param>
    public Problem(int status, string type, string title)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 400);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 599);
        Status = status;
        Type = type;
        Title = title;
        _body = JsonSerializer.SerializeToUtf8Bytes(new { type, title, status });
    }

    /// <summary>HTTP status.</summary>
    public int Status { get; }

    /// <summary>URI of the problem type.</summary>
    public string Type { get; }

    /// <summary>What happened, the same for every occurrence.</summary>
    public string Title { get; }

    /// <summary>The exact bytes of the body, for answers that travel inside another message.</summary>
    public ReadOnlyMemory<byte> Body => _body;

    /// <summary>Answers with this problem; fields that the caller has set before (Retry-After) stay.</summary>
    /// <exception cref="InvalidOperationException">The answer has already started.</exception>
    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(problem);
        HttpResponse response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = MediaType;
        response.ContentLength = problem._body.Length;
        response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(problem._body, context.RequestAborted).AsTask();
    }
}
