using System.Globalization;
using Veil.Gateway.Encapsulation;
using Veil.Gateway.Keys;
using Veil.Ohttp;

namespace Veil.Gateway.Discovery;

/// <summary>The key configurations (RFC 9540 section 5): the same bytes for everyone who asks.</summary>
internal sealed class KeyDiscovery(OhttpKeys keys)
{
    /// <summary>Answers a GET or HEAD.</summary>
    public Task AnswerAsync(HttpContext context)
    {
        if (keys.Advertised is not { } advertised)
            return GatewayResource.RefuseAsync(context, Refusal.NoActiveKey);

        HttpResponse response = context.Response;
        response.ContentType = OhttpMediaType.Keys;
        response.ContentLength = advertised.Bytes.Length;
        response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={(long)advertised.MaxAge.TotalSeconds}");
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(advertised.Bytes, context.RequestAborted).AsTask();
    }
}
