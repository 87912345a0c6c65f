using Veil.PrivacyPass;

namespace Veil.Issuer;

/// <summary>GET of the issuer directory (RFC 9578 section 4): the same bytes and the same age for everybody.</summary>
internal sealed class DirectoryEndpoint(IssuerKeyRing ring, IssuerKeyOptions options)
{
    private readonly string _cacheControl = $"public, max-age={(long)options.DirectoryMaxAge.TotalSeconds}";

    public Task Handle(HttpContext context)
    {
        ReadOnlyMemory<byte> directory = ring.Keys.Directory;
        context.Response.ContentType = PrivacyPassMediaTypes.IssuerDirectory;
        context.Response.ContentLength = directory.Length;
        context.Response.Headers.CacheControl = _cacheControl;
        return context.Response.Body.WriteAsync(directory, context.RequestAborted).AsTask();
    }
}
