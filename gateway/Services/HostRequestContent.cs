using System.Net;
using Veil.Gateway.Inner;

namespace Veil.Gateway.Services;

/// <summary>A request's content on its way to the host: each piece is sent when it arrives, nothing is gathered.</summary>
internal sealed class HostRequestContent(InnerContent content, ReadOnlyMemory<byte> first, long limit, IdleTimer idle) : HttpContent
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begun;

    /// <summary>What was wrong with the content, if that is why it ended.</summary>
    public Refusal Failure { get; private set; }

    /// <summary>True once the connection has asked for it, so that the host may have seen some.</summary>
    public bool HasBegun => Volatile.Read(ref _begun) is 1;

    /// <summary>Waits until nothing reads the request's content any more.</summary>
    public Task WhenOverAsync() => Volatile.Read(ref _begun) is 0 && Interlocked.CompareExchange(ref _begun, 2, 0) is 0 ? Task.CompletedTask : _over.Task;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _begun, 1, 0) is not 0)
            throw new IOException("A request's content is sent once.");

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        try
        {
            long sent = 0;
            for (ReadOnlyMemory<byte> piece = first.IsEmpty ? await content.ReadAsync(either.Token) : first; !piece.IsEmpty; piece = await content.ReadAsync(either.Token))
            {
                sent += piece.Length;
                if (sent > limit)
                    throw new InnerContentException(Refusal.ContentTooLarge);
                idle.Touch();
                await stream.WriteAsync(piece, either.Token);
                await stream.FlushAsync(either.Token);
            }

            idle.Touch();
        }
        catch (InnerContentException flaw)
        {
            Failure = flaw.Refusal;
            throw;
        }
        finally
        {
            _over.TrySetResult();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = content.Length ?? 0;
        return content.Length is not null;
    }
}
