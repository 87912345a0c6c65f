using System.Net.Http.Headers;
using Veil.Bhttp;
using Veil.Ohttp;

namespace Veil.ClientSdk;

/// <summary>One request and one answer, each chunk by chunk (draft-ietf-ohai-chunked-ohttp): the answer is handed on while it arrives.</summary>
internal sealed class ChunkedExchange(VeilOptions options, OuterHttp outer)
{
    /// <exception cref="VeilException">No answer, or none whose head opens.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        KeyConfig key, HttpRequestMessage request, RequestHead head, InnerRequest inner, CancellationToken cancellationToken)
    {
        var sealer = new ChunkedRequestSealer(key, key.Choose()!.Value);
        ChunkedResponseOpener opener = sealer.CreateResponseOpener();
        HttpResponseMessage? answer = null;

        // Not disposed with this method: the body may go on leaving after the head of the answer came.
        var post = new HttpRequestMessage(HttpMethod.Post, options.Relay) { Content = new SealedRequestContent(sealer, head, inner, options.Padding) };
        try
        {
            post.Content.Headers.ContentType = new MediaTypeHeaderValue(OhttpMediaType.ChunkedRequest);
            post.Headers.TryAddWithoutValidation("Accept", OhttpMediaType.ChunkedResponse);
            post.Headers.TryAddWithoutValidation("Incremental", "?1");
            answer = await outer.SendAsync(post, Hop.Relay, cancellationToken).ConfigureAwait(false);
            await OuterAnswer.RequireEncapsulatedAsync(answer, OhttpMediaType.ChunkedResponse, cancellationToken).ConfigureAwait(false);
            Stream body = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var opened = new OpenedAnswerStream(answer, body, opener);
            ResponseHead innerHead = await opened.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
            HttpResponseMessage response = InnerResponse.Write(request, innerHead, new StreamContent(opened));
            opened.TrailersRead = trailers => InnerResponse.AddTrailers(response, trailers);
            return response;
        }
        catch (Exception failure)
        {
            opener.Dispose();
            answer?.Dispose();
            post.Dispose();
            if (failure is IOException)
            {
                throw new VeilException(VeilFailure.BadAnswer, Hop.Gateway, "the answer ended, or did not open, before its head was complete.", failure);
            }

            throw;
        }
    }
}
