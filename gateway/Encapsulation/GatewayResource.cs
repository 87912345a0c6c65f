using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Veil.Gateway.Discovery;
using Veil.Ohttp;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Encapsulation;

/// <summary>The one resource of this gateway (RFC 9540 section 4): GET gives the key configurations, POST takes encapsulated requests of relays.</summary>
internal sealed class GatewayResource(
    IOptions<GatewayOptions> options, RelayPins relays, KeyDiscovery discovery, PlainExchange plain, ChunkedExchange chunked, GatewayMetrics metrics)
{
    /// <summary>Where it is.</summary>
    public const string Path = "/.well-known/ohttp-gateway";

    private readonly int _most = options.Value.MaxConcurrentRequests;
    private int _inWork;

    /// <summary>Serves whatever arrives on the public listener.</summary>
    public Task HandleAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!request.Path.Equals(Path, StringComparison.Ordinal))
            return RefuseAsync(context, Refusal.NoSuchResource);
        if (HttpMethods.IsPost(request.Method))
            return TakeAsync(context);
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return discovery.AnswerAsync(context);
        context.Response.Headers.Allow = "GET, HEAD, POST";
        return RefuseAsync(context, Refusal.NoSuchMethod);
    }

    /// <summary>Answers in clear with the problem of a refusal.</summary>
    internal static Task RefuseAsync(HttpContext context, Refusal refusal) => Problem.WriteAsync(context, ProblemMapping.For(refusal));

    private async Task TakeAsync(HttpContext context)
    {
        Refusal refusal;
        try
        {
            refusal = Interlocked.Increment(ref _inWork) > _most ? Refusal.Overloaded : await OpenAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _inWork);
        }

        metrics.Taken(refusal);
        if (refusal is Refusal.RequestAborted)
            context.Abort();
        else if (IsOuter(refusal))
            await RefuseAsync(context, refusal);
    }

    private ValueTask<Refusal> OpenAsync(HttpContext context) =>
        !relays.Admits(context) ? new(Refusal.UnknownRelay)
        : IsMediaType(context.Request.ContentType, OhttpMediaType.Request) ? plain.HandleAsync(context)
        : IsMediaType(context.Request.ContentType, OhttpMediaType.ChunkedRequest) ? chunked.HandleAsync(context)
        : new(Refusal.UnsupportedMediaType);

    /// <summary>True for what was refused before the request was opened; the rest is answered inside.</summary>
    private static bool IsOuter(Refusal refusal) => refusal is > Refusal.None and < Refusal.MalformedRequest;

    private static bool IsMediaType(string? field, string wanted) =>
        field is not null && (field == wanted || MediaTypeHeaderValue.TryParse(field, out MediaTypeHeaderValue? parsed) && parsed.MediaType.Equals(wanted, StringComparison.OrdinalIgnoreCase));
}
