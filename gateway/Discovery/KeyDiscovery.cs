using System.Globalization;
using Veil.Gateway.Encapsulation;
using Veil.Gateway.Epochs;
using Veil.Gateway.Keys;
using Veil.Ohttp;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Discovery;

/// <summary>The key configurations (RFC 9540 section 5), and to who asks for it by its media type alone the epoch: the same bytes for everyone who asks.</summary>
internal sealed class KeyDiscovery(OhttpKeys keys, EpochShelf epochs)
{
    /// <summary>Answers a GET or HEAD.</summary>
    public Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers.Accept is [EpochPackage.MediaType])
        {
            return epochs.Current is { } epoch
                ? WriteAsync(context, EpochPackage.MediaType, "public, no-cache", epoch.Package)
                : GatewayResource.RefuseAsync(context, Refusal.NoEpoch);
        }

        if (keys.Advertised is not { } advertised)
            return GatewayResource.RefuseAsync(context, Refusal.NoActiveKey);

        string cacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={(long)advertised.MaxAge.TotalSeconds}");
        return WriteAsync(context, OhttpMediaType.Keys, cacheControl, advertised.Bytes);
    }

    private static Task WriteAsync(HttpContext context, string mediaType, string cacheControl, ReadOnlyMemory<byte> bytes)
    {
        HttpResponse response = context.Response;
        response.ContentType = mediaType;
        response.ContentLength = bytes.Length;
        response.Headers.CacheControl = cacheControl;
        response.Headers.Vary = "Accept";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
