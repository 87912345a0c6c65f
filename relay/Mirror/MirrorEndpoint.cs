using Microsoft.Extensions.Options;
using Veil.Relay.Gateways;
using Veil.ServiceDefaults;

namespace Veil.Relay.Mirror;

/// <summary><c>GET /{gateway}</c>: a mirrored document, byte for byte. The epoch is what asks for it by its media type alone; everything else gets the keys.</summary>
internal sealed class MirrorEndpoint(IOptions<RelayOptions> options, TimeProvider clock)
{
    /// <summary>Constant, so that the header tells nobody when their copy was fetched.</summary>
    private const string CacheControl = "public, max-age=60";

    /// <summary>Each epoch has its own, and an epoch may be short: a cache asks again.</summary>
    private const string EpochCacheControl = "public, no-cache";

    /// <summary>Whether the gateway can be used: its keys are young enough to be given out, and its epoch was asked for.</summary>
    public bool CanServe(Gateway gateway) => IsFresh(gateway.Keys) && gateway.Documents.All(document => document.WasAsked);

    public Task WriteAsync(HttpContext context, Gateway gateway)
    {
        bool asksForEpoch = context.Request.Headers.Accept is [{ } accept] && accept.Equals(MediaTypes.Epoch, StringComparison.OrdinalIgnoreCase);
        Mirrored? document = asksForEpoch ? gateway.Epoch : gateway.Keys;
        if (document is null || !IsFresh(document) || document.Copy is not { } copy)
        {
            context.Response.Headers.RetryAfter = "5";
            return Problem.WriteAsync(context, asksForEpoch ? RelayProblems.NoEpoch : RelayProblems.NoKeys);
        }
        HttpResponse response = context.Response;
        response.ContentType = document.Kind.MediaType;
        response.ContentLength = copy.Bytes.Length;
        response.Headers.Vary = "Accept";
        response.Headers.CacheControl = asksForEpoch ? EpochCacheControl : CacheControl;
        return response.Body.WriteAsync(copy.Bytes, context.RequestAborted).AsTask();
    }

    private bool IsFresh(Mirrored document) => document.Copy is { } copy && clock.GetUtcNow() - copy.FetchedAt <= options.Value.MirrorStaleLimit;
}
