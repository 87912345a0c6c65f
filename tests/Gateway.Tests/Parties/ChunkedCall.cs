using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Veil.Bhttp;
using Veil.Ohttp;

namespace Veil.Gateway.Tests.Parties;

/// <summary>One chunked exchange whose pieces the test sends and receives one by one.</summary>
internal sealed class ChunkedCall : IAsyncDisposable
{
    private readonly Pipe _up = new();
    private readonly ChunkedRequestSealer _sealer;
    private readonly ChunkedResponseOpener _opener;
    private readonly BhttpRequestEncoder _encoder = new();
    private readonly BhttpResponseDecoder _decoder = new();
    private readonly ArrayBufferWriter<byte> _waiting = new();
    private readonly Task<HttpResponseMessage> _response;
    private readonly CancellationTokenSource _cancel = new(TimeSpan.FromSeconds(60));
    private Stream? _down;
    private readonly byte[] _received = new byte[64 * 1024];
    private int _receivedLength;
    private byte[] _plain = [];
    private bool _isFinal;

    public ChunkedCall(TestClient client, KeyConfig key, RequestHead head)
    {
        _sealer = new ChunkedRequestSealer(key, key.Choose()!.Value);
        _opener = _sealer.CreateResponseOpener();
        var request = new HttpRequestMessage(HttpMethod.Post, client.Resource)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new FlushingContent(_up.Reader) { Headers = { ContentType = new MediaTypeHeaderValue(OhttpMediaType.ChunkedRequest) } },
        };
        _response = client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _cancel.Token);
        _up.Writer.Write(_sealer.Prefix.Span);
        _encoder.WriteHead(_waiting, head);
    }

    public ResponseHead? Head => _decoder.Head;

    public BhttpError DecodeError => _decoder.Error;

    public bool IsComplete { get; private set; }

    public Task<HttpResponseMessage> Response => _response;

    /// <summary>Content that leaves with what follows it.</summary>
    public void Append(ReadOnlyMemory<byte> content) => _encoder.WriteContent(_waiting, content.Span);

    public async Task SendAsync(ReadOnlyMemory<byte> content)
    {
        Append(content);
        await FlushAsync(isEnd: false);
    }

    /// <summary>Sends the head alone, in a chunk of its own.</summary>
    public Task SendHeadAsync() => FlushAsync(isEnd: false);

    public async Task EndAsync(int padding = 0)
    {
        _encoder.WriteEnd(_waiting, padding: padding);
        await FlushAsync(isEnd: true);
        await _up.Writer.CompleteAsync();
    }

    /// <summary>Breaks the stream off in a way that looks like a clean end of HTTP.</summary>
    public async Task EndWithoutFinalChunkAsync() => await _up.Writer.CompleteAsync();

    /// <summary>The next piece of the answer's content; null at its end.</summary>
    /// <exception cref="IOException">The answer broke off.</exception>
    public async Task<byte[]?> ReceiveAsync()
    {
        _down ??= await (await _response).Content.ReadAsStreamAsync(_cancel.Token);
        while (true)
        {
            if (_plain.Length > 0 || _isFinal)
            {
                BhttpEvent found = _decoder.Read(_plain, _isFinal, out int consumed, out ReadOnlySpan<byte> content);
                byte[] piece = content.ToArray();
                _plain = _plain[consumed..];
                if (found is BhttpEvent.Content)
                    return piece;
                if (found is BhttpEvent.End)
                {
                    IsComplete = true;
                    return null;
                }

                if (found is BhttpEvent.Failed)
                    throw new IOException(_decoder.Error.ToString());
                continue;
            }

            await OpenMoreAsync();
        }
    }

    public async Task<byte[]> ReceiveAllAsync()
    {
        var all = new MemoryStream();
        while (await ReceiveAsync() is { } piece)
        {
            all.Write(piece);
        }

        return all.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await _cancel.CancelAsync();
        await _up.Writer.CompleteAsync();
        _sealer.Dispose();
        _opener.Dispose();
        _cancel.Dispose();
    }

    private async Task FlushAsync(bool isEnd)
    {
        ReadOnlyMemory<byte> waiting = _waiting.WrittenMemory;
        while (waiting.Length > (isEnd ? ChunkedSealer.MaxChunkSize : 0))
        {
            ReadOnlyMemory<byte> chunk = waiting[..Math.Min(waiting.Length, ChunkedSealer.MaxChunkSize)];
            _up.Writer.Advance(_sealer.SealChunk(chunk.Span, _up.Writer.GetSpan(ChunkedSealer.GetChunkSize(chunk.Length))));
            waiting = waiting[chunk.Length..];
        }

        if (isEnd)
            _up.Writer.Advance(_sealer.SealFinalChunk(waiting.Span, _up.Writer.GetSpan(ChunkedSealer.GetFinalChunkSize(waiting.Length))));
        _waiting.ResetWrittenCount();
        await _up.Writer.FlushAsync(_cancel.Token);
    }

    private async Task OpenMoreAsync()
    {
        byte[] plaintext = new byte[_opener.MaxChunkSize];
        while (true)
        {
            ChunkStatus status = _opener.Read(_received.AsSpan(0, _receivedLength), endOfInput: false, out int consumed, plaintext, out int written);
            Take(consumed);
            if (status is ChunkStatus.Chunk)
            {
                _plain = plaintext[..written];
                return;
            }

            if (status is ChunkStatus.Failed)
                throw new IOException(_opener.Error.ToString());
            int read = await _down!.ReadAsync(_received.AsMemory(_receivedLength), _cancel.Token);
            if (read is 0)
            {
                status = _opener.Read(default, endOfInput: true, out _, plaintext, out written);
                if (status is not ChunkStatus.Final)
                    throw new IOException(_opener.Error.ToString());
                (_plain, _isFinal) = (plaintext[..written], true);
                return;
            }

            _receivedLength += read;
        }
    }

    private void Take(int consumed)
    {
        _received.AsSpan(consumed, _receivedLength - consumed).CopyTo(_received);
        _receivedLength -= consumed;
    }

    private sealed class FlushingContent(PipeReader source) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            while (true)
            {
                ReadResult read = await source.ReadAsync();
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    await stream.WriteAsync(segment);
                }

                source.AdvanceTo(read.Buffer.End);
                await stream.FlushAsync();
                if (read.IsCompleted)
                    return;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
