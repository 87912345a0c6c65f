using System.Net;
using System.Threading.Channels;

namespace Veil.Relay.Tests.Rig;

/// <summary>Request content that a test pushes piece by piece, each flushed.</summary>
public sealed class PushedContent : HttpContent
{
    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();

    public PushedContent(string mediaType = MediaTypes.ChunkedRequest) => Headers.TryAddWithoutValidation("Content-Type", mediaType);

    public void Push(byte[] piece) => _pieces.Writer.TryWrite(piece);

    public void End() => _pieces.Writer.Complete();

    public void Fail() => _pieces.Writer.Complete(new IOException("cut by the test"));

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        await foreach (byte[] piece in _pieces.Reader.ReadAllAsync())
        {
            await stream.WriteAsync(piece);
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
