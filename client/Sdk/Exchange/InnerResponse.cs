using System.Net;
using Veil.Bhttp;

namespace Veil.ClientSdk;

/// <summary>Hands what stood inside the encryption to HttpClient: status and fields, without those that speak of a connection or would be kept.</summary>
internal static class InnerResponse
{
    // Content-Length is known from the content itself; a cookie or an alternative service would be a mark on later requests.
    private static readonly string[] Dropped = ["alt-svc", "content-length", "set-cookie", "trailer"];

    public static HttpResponseMessage Write(HttpRequestMessage request, ResponseHead head, HttpContent content)
    {
        var response = new HttpResponseMessage((HttpStatusCode)head.Status) { RequestMessage = request, Version = HttpVersion.Version20, Content = content };
        foreach (FieldLine line in head.Headers)
        {
            if (!FieldSection.IsConnectionSpecific(line.Name) && Array.IndexOf(Dropped, line.Name) < 0
                && !response.Headers.TryAddWithoutValidation(line.Name, line.Value))
            {
                content.Headers.TryAddWithoutValidation(line.Name, line.Value);
            }
        }

        return response;
    }

    public static void AddTrailers(HttpResponseMessage response, FieldSection trailers)
    {
        foreach (FieldLine line in trailers)
        {
            response.TrailingHeaders.TryAddWithoutValidation(line.Name, line.Value);
        }
    }
}
