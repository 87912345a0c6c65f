using System.Net.Http.Headers;
using Veil.Bhttp;
using Veil.Ohttp;

namespace Veil.ClientSdk;

/// <summary>One request and one answer, each whole in memory (RFC 9458): padded, sealed, posted to the relay, opened.</summary>
internal sealed class PlainExchange(VeilOptions options, OuterHttp outer)
{
    /// <exception cref="VeilException">No answer, or none that opens.</exception>
    public async Task<BinaryResponse> SendAsync(KeyConfig key, BinaryRequest request, CancellationToken cancellationToken)
    {
        byte[] encapsulated = Seal(key, request, out ResponseOpener opener);
        using (opener)
        using (var post = new HttpRequestMessage(HttpMethod.Post, options.Relay) { Content = new ByteArrayContent(encapsulated) })
        {
            post.Content.Headers.ContentType = new MediaTypeHeaderValue(OhttpMediaType.Request);
            post.Headers.TryAddWithoutValidation("Accept", OhttpMediaType.Response);
            using HttpResponseMessage answer = await outer.SendAsync(post, Hop.Relay, cancellationToken).ConfigureAwait(false);
            await OuterAnswer.RequireEncapsulatedAsync(answer, OhttpMediaType.Response, cancellationToken).ConfigureAwait(false);
            return Open(opener, await OuterAnswer.ReadAsync(answer, Hop.Relay, options.MaxPlainAnswer, cancellationToken).ConfigureAwait(false));
        }
    }

    private byte[] Seal(KeyConfig key, BinaryRequest request, out ResponseOpener opener)
    {
        int size = request.Size;
        var message = new byte[options.Padding ? Padding.SizeClass(size) : size];
        _ = request.TryWrite(message, out _);
        var encapsulated = new byte[RequestSealer.GetSize(key, message.Length)];
        opener = RequestSealer.Seal(key, key.Choose()!.Value, message, encapsulated, out _);
        return encapsulated;
    }

    private static BinaryResponse Open(ResponseOpener opener, byte[] encapsulated)
    {
        var message = new byte[encapsulated.Length];
        return opener.TryOpen(encapsulated, message, out int written, out _) && BinaryResponse.TryParse(message.AsMemory(0, written), null, out BinaryResponse? response, out _)
            ? response
            : throw new VeilException(VeilFailure.BadAnswer, Hop.Gateway, "the answer does not open, or is no response.");
    }
}
