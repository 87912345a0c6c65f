using System.Buffers;
using Microsoft.AspNetCore.Http;
using Veil.Bhttp;
using Veil.Ohttp;

namespace Veil.Client.Tests.Exchange;

internal sealed class ChunkedInnerExchange : InnerExchange
{
    private readonly HttpContext _outer;
    private readonly ChunkedRequestOpener _opener;
    private readonly ChunkedResponseSealer _sealer;
    private readonly BhttpRequestDecoder _decoder;
    private readonly BhttpResponseEncoder _encoder = new();
    private readonly ArrayBufferWriter<byte> _pending = new();
    private readonly byte[] _sealedIn = new byte[16 << 10];
    private readonly byte[] _plain = new byte[ChunkedSealer.MaxChunkSize];
    private readonly byte[] _sealedOut = new byte[ChunkedSealer.MaxChunkSize + ChunkedSealer.MaxOverhead];
    private ReadOnlyMemory<byte> _rest;
    private ReadOnlyMemory<byte> _plainRest;
    private ReadOnlyMemory<byte> _content;
    private bool _final;
    private bool _ended;

    private ChunkedInnerExchange(HttpContext outer, ChunkedRequestOpener opener, BhttpRequestDecoder decoder)
    {
        _outer = outer;
        _opener = opener;
        _decoder = decoder;
        _sealer = null!;
    }

    private ChunkedInnerExchange(ChunkedInnerExchange started, ChunkedResponseSealer sealer)
        : this(started._outer, started._opener, started._decoder)
    {
        _sealer = sealer;
        _rest = started._rest.ToArray();
        _plainRest = started._plainRest.ToArray();
        _final = started._final;
    }

    public static async Task<ChunkedInnerExchange?> OpenAsync(HttpContext outer, GatewayKeys keys)
    {
        var started = new ChunkedInnerExchange(outer, new ChunkedRequestOpener(keys), new BhttpRequestDecoder()) { Head = null! };
        return await started.NextAsync() is BhttpEvent.Head
            ? new ChunkedInnerExchange(started, started._opener.CreateResponseSealer()) { Head = started._decoder.Head! }
            : null;
    }

    public override async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        if (_ended)
        {
            return default;
        }

        BhttpEvent found = await NextAsync();
        _ended = found is not BhttpEvent.Content;
        Assert.True(found is BhttpEvent.Content or BhttpEvent.End, $"{_opener.Error} {_decoder.Error}");
        return _content;
    }

    public override async Task RespondAsync(int status, FieldSection? headers = null)
    {
        _outer.Response.ContentType = OhttpMediaType.ChunkedResponse;
        _encoder.WriteHead(_pending, new ResponseHead(status, headers));
        await _outer.Response.Body.WriteAsync(_sealer.Prefix);
        await SealAsync();
    }

    public override async Task WriteAsync(ReadOnlyMemory<byte> content)
    {
        for (; !content.IsEmpty; content = content[Math.Min(content.Length, 16000)..])
        {
            _encoder.WriteContent(_pending, content.Span[..Math.Min(content.Length, 16000)]);
            await SealAsync();
        }
    }

    /// <summary>Seals bytes as they are, framing or not.</summary>
    public async Task WriteRawAsync(ReadOnlyMemory<byte> bytes)
    {
        _pending.Write(bytes.Span);
        await SealAsync();
    }

    public override async Task EndAsync(FieldSection? trailers = null)
    {
        _encoder.WriteEnd(_pending, trailers, padding: 100);
        await _outer.Response.Body.WriteAsync(_sealedOut.AsMemory(0, _sealer.SealFinalChunk(_pending.WrittenSpan, _sealedOut)));
    }

    private async Task SealAsync()
    {
        int size = _sealer.SealChunk(_pending.WrittenSpan, _sealedOut);
        _pending.ResetWrittenCount();
        await _outer.Response.Body.WriteAsync(_sealedOut.AsMemory(0, size));
        await _outer.Response.Body.FlushAsync();
    }

    private async Task<BhttpEvent> NextAsync()
    {
        while (true)
        {
            BhttpEvent found = _decoder.Read(_plainRest.Span, _final, out int consumed, out ReadOnlySpan<byte> content);
            _content = content.ToArray();
            _plainRest = _plainRest[consumed..];
            if (found is not BhttpEvent.NeedMoreInput)
            {
                return found;
            }

            ChunkStatus status = _opener.Read(_rest.Span, false, out int taken, _plain, out int written);
            _rest = _rest[taken..];
            if (status is ChunkStatus.NeedMoreInput)
            {
                int count = await _outer.Request.Body.ReadAsync(_sealedIn);
                _rest = _sealedIn.AsMemory(0, count);
                if (count is 0)
                {
                    status = _opener.Read(default, true, out _, _plain, out written);
                }
            }

            if (status is ChunkStatus.Failed)
            {
                return BhttpEvent.Failed;
            }

            if (status is ChunkStatus.Chunk or ChunkStatus.Final)
            {
                _plainRest = _plain.AsMemory(0, written);
                _final = status is ChunkStatus.Final;
            }
        }
    }
}
