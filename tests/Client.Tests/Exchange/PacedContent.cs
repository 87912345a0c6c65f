using System.Net;

namespace Veil.Client.Tests.Exchange;

/// <summary>A body of one-byte pieces, each written only after the far side has reported the one before.</summary>
internal sealed class PacedContent(SemaphoreSlim reported, int pieces) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (int piece = 0; piece < pieces; piece++)
        {
            await stream.WriteAsync(new[] { (byte)piece });
            await reported.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
