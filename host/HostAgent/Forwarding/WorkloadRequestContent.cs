using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace Veil.HostAgent.Forwarding;

/// <summary>A request's body on its way to the workload: each piece is written and flushed when it arrives, nothing is held.</summary>
internal sealed class WorkloadRequestContent : HttpContent
{
    private readonly PipeReader _body;
    private readonly long? _length;
    private readonly IdleTimer _idle;

    public WorkloadRequestContent(PipeReader body, long? length, IdleTimer idle)
    {
        _body = body;
        _length = length;
        _idle = idle;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await _body.ReadAsync(cancellationToken).ConfigureAwait(false);
            _idle.Touch();
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
                await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
            _body.AdvanceTo(read.Buffer.End);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (read.IsCompleted)
                return;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }
}
