using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Veil.Host.Tests.Agent;

/// <summary>A request body that is sent piece by piece, when the test says so.</summary>
internal sealed class PiecewiseContent : HttpContent
{
    private readonly Channel<string> _pieces = Channel.CreateUnbounded<string>();

    public ValueTask SendAsync(string piece) => _pieces.Writer.WriteAsync(piece);

    public void Complete() => _pieces.Writer.Complete();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await foreach (string piece in _pieces.Reader.ReadAllAsync())
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(piece));
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
