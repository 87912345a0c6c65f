using System.Net;

namespace Veil.ClientCli;

/// <summary>A body that is longer than may be held: what was read of it, then the rest as it comes. It can be sent once.</summary>
internal sealed class StandardInputContent(ReadOnlyMemory<byte> start, Stream rest) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(start, cancellationToken).ConfigureAwait(false);
        await rest.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
