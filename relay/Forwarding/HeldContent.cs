using System.Net;
using System.Net.Http.Headers;

namespace Veil.Relay.Forwarding;

/// <summary>
/// A held request as content: one write, Content-Length known. An early answer can end the exchange while the write is still going on;
/// the buffer then must not be lent to another request.
/// </summary>
internal sealed class HeldContent : HttpContent
{
    private static readonly MediaTypeHeaderValue MediaType = new(MediaTypes.Request);

    private readonly HeldRequest _request;

    public HeldContent(HeldRequest request)
    {
        _request = request;
        Headers.ContentType = MediaType;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _request.BeginUse();
        await stream.WriteAsync(_request.Bytes, cancellationToken).ConfigureAwait(false);
        _request.EndUse();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _request.Bytes.Length;
        return true;
    }
}
