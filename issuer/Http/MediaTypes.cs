using Microsoft.Net.Http.Headers;

namespace Veil.Issuer;

/// <summary>The Content-Type of a request.</summary>
internal static class MediaTypes
{
    /// <summary>True when the request has exactly this media type; parameters do not matter.</summary>
    public static bool Is(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? found) && found.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);
}
