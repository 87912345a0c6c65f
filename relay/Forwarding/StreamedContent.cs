using System.Buffers;
using System.Net;
using System.Net.Http.Headers;

namespace Veil.Relay.Forwarding;

/// <summary>
/// A <c>message/ohttp-chunked-req</c> as it arrives: every read goes out at once, and it never has a Content-Length. Constant memory.
/// Nothing is kept, so a connection that wants to send it again (refused stream, GOAWAY) gets an error instead of the rest.
/// </summary>
internal sealed class StreamedContent : HttpContent
{
    /// <summary>One sealed chunk of 16,384 bytes with its frame fits.</summary>
    private const int BufferSize = 32 * 1024;

    private static readonly MediaTypeHeaderValue MediaType = new(MediaTypes.ChunkedRequest);

    private readonly Stream _body;
    private readonly IdleWatch _watch;
    private readonly CancellationTokenSource _stop;
    private Task _copy = Task.CompletedTask;
    private int _isBegun;

    public StreamedContent(Stream body, IdleWatch watch)
    {
        _body = body;
        _watch = watch;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(watch.Token);
        Headers.ContentType = MediaType;
    }

    /// <summary>What broke the client's side of the stream, if anything did: it tells a client that went away from a gateway that did.</summary>
    public Exception? ClientFailure { get; private set; }

    /// <summary>Ends the copy and waits for it: afterwards nothing reads the client's stream any more, which may soon carry another request.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _copy.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _isBegun, 1) is 0 ? _copy = CopyAsync(stream, cancellationToken)
            : Task.FromException(new IOException("A streamed request is sent once."));

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _stop.Dispose();
        base.Dispose(disposing);
    }

    private async Task CopyAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        await stream.FlushAsync(linked.Token).ConfigureAwait(false);
        while (await ReadAsync(buffer, linked.Token).ConfigureAwait(false) is var read and > 0)
        {
            _watch.Touch();
            await stream.WriteAsync(buffer.AsMemory(0, read), linked.Token).ConfigureAwait(false);
            await stream.FlushAsync(linked.Token).ConfigureAwait(false);
        }
        // Not given back after a failure: a broken write may still read it.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private async ValueTask<int> ReadAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or BadHttpRequestException)
        {
            ClientFailure = failure;
            throw;
        }
    }
}
