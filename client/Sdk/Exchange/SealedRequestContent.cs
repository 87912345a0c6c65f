using System.Net;
using Veil.Bhttp;
using Veil.Ohttp;

namespace Veil.ClientSdk;

/// <summary>The outer body of a chunked request: sealed while the inner body is read. It has no length, and is sent once.</summary>
internal sealed class SealedRequestContent(ChunkedRequestSealer sealer, RequestHead head, InnerRequest inner, bool padding) : HttpContent
{
    private int _started;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) is 1)
        {
            throw new VeilException(VeilFailure.Unreachable, Hop.Relay, "the connection was refused midway; a sealed request is not sent twice.");
        }

        // The sealer ends here and not in Dispose: an answer may come, and be thrown away, while this still runs.
        using (sealer)
        {
            using var output = new SealingStream(stream, sealer);
            output.WriteHead(head);
            if (inner.Stream is { } body)
            {
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
                await body.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                output.Append(inner.Body.Span);
            }

            // What is held is filled up like a plain message; a body that streams is as long as it is.
            await output.CompleteAsync(padding && inner.IsRepeatable, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _started, 1) is 0)
        {
            sealer.Dispose();
        }

        base.Dispose(disposing);
    }
}
