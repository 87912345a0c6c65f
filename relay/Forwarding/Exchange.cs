using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Veil.Relay.Forwarding;

/// <summary>
/// One request on its way to the gateway and its answer on the way back, both built from empty: nothing is copied but the content. The base
/// transforms, which copy what the client sent, are never called.
/// </summary>
internal sealed class Exchange(Uri gateway, HttpContent content, IdleWatch watch) : HttpTransformer
{
    /// <summary>A refusal of the gateway is one small problem document.</summary>
    private const int MaxProblemBytes = 4 * 1024;

    private const string ProblemMediaType = "application/problem+json";

    private bool IsChunked => content is StreamedContent;

    /// <summary>What became of it once the gateway has answered.</summary>
    public RelayOutcome Outcome { get; private set; } = RelayOutcome.GatewayAnsweredWrongly;

    public override ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        proxyRequest.RequestUri = gateway;
        proxyRequest.Content = content;
        if (IsChunked)
            proxyRequest.Headers.TryAddWithoutValidation("Incremental", "?1");
        return default;
    }

    /// <summary>Writes the whole answer itself, so that idle time counts in both directions, and always returns false: nothing is left to copy.</summary>
    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        httpContext.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = null;
        if (proxyResponse is null || !IsKnown(proxyResponse, out string? mediaType))
            return false;

        Outcome = proxyResponse.StatusCode is HttpStatusCode.OK ? RelayOutcome.Answered : RelayOutcome.RefusedByGateway;
        HttpResponse response = httpContext.Response;
        response.StatusCode = Map((int)proxyResponse.StatusCode);
        response.ContentType = mediaType;
        response.Headers.CacheControl = "no-store";
        if (IsChunked && Outcome is RelayOutcome.Answered)
            response.Headers["Incremental"] = "?1";
        else
            response.ContentLength = proxyResponse.Content.Headers.ContentLength;
        await CopyAsync(proxyResponse.Content, response, cancellationToken).ConfigureAwait(false);
        return false;
    }

    public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken) => default;

    /// <summary>A sealed answer of the kind asked for, or a problem document of bounded size.</summary>
    private bool IsKnown(HttpResponseMessage proxyResponse, out string? mediaType)
    {
        HttpContentHeaders headers = proxyResponse.Content.Headers;
        mediaType = proxyResponse.StatusCode is HttpStatusCode.OK ? (IsChunked ? MediaTypes.ChunkedResponse : MediaTypes.Response)
            : (int)proxyResponse.StatusCode >= 400 && headers.ContentLength <= MaxProblemBytes ? ProblemMediaType
            : null;
        return mediaType is not null && mediaType.Equals(headers.ContentType?.MediaType, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The statuses that mean something to a client; the others become the general one of their class.</summary>
    private static int Map(int status) => status switch
    {
        200 or 400 or 413 or 415 or 422 or 429 or 503 or 504 => status,
        >= 500 => StatusCodes.Status502BadGateway,
        _ => StatusCodes.Status400BadRequest,
    };

    private async Task CopyAsync(HttpContent from, HttpResponse to, CancellationToken cancellationToken)
    {
        try
        {
            if (IsChunked)
                await to.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
            Stream stream = await from.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable _ = stream.ConfigureAwait(false);
            while (await stream.ReadAsync(to.BodyWriter.GetMemory(4096), cancellationToken).ConfigureAwait(false) is var read and > 0)
            {
                watch.Touch();
                to.BodyWriter.Advance(read);
                await to.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException or OperationCanceledException)
        {
            Outcome = to.HttpContext.RequestAborted.IsCancellationRequested ? RelayOutcome.ClientGone : RelayOutcome.CutMidway;
            to.HttpContext.Abort();
        }
    }
}
