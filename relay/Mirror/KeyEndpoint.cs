using Microsoft.Extensions.Options;
using Veil.Relay.Gateways;
using Veil.ServiceDefaults;

namespace Veil.Relay.Mirror;

/// <summary><c>GET /{gateway}</c>: the mirrored keys, byte for byte.</summary>
internal sealed class KeyEndpoint(IOptions<RelayOptions> options, TimeProvider clock)
{
    /// <summary>Constant, so that the header tells nobody when their copy was fetched.</summary>
    private const string CacheControl = "public, max-age=60";

    /// <summary>Whether the copy is young enough to be given out.</summary>
    public bool IsFresh(Gateway gateway) => gateway.Keys is { } keys && clock.GetUtcNow() - keys.FetchedAt <= options.Value.MirrorStaleLimit;

    public Task WriteAsync(HttpContext context, Gateway gateway)
    {
        if (!IsFresh(gateway) || gateway.Keys is not { } keys)
        {
            context.Response.Headers.RetryAfter = "5";
            return Problem.WriteAsync(context, RelayProblems.NoKeys);
        }
        HttpResponse response = context.Response;
        response.ContentType = MediaTypes.Keys;
        response.ContentLength = keys.Bytes.Length;
        response.Headers.CacheControl = CacheControl;
        return response.Body.WriteAsync(keys.Bytes, context.RequestAborted).AsTask();
    }
}
