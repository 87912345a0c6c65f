using System.Buffers;
using Microsoft.AspNetCore.Http;
using Veil.Bhttp;
using Veil.Ohttp;

namespace Veil.Client.Tests.Exchange;

internal sealed class PlainInnerExchange(HttpContext outer, ReadOnlyMemory<byte> content, ResponseSealer sealer) : InnerExchange
{
    private readonly ArrayBufferWriter<byte> _answer = new();
    private ReadOnlyMemory<byte> _content = content;
    private ResponseHead? _head;

    public override ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        ReadOnlyMemory<byte> all = _content;
        _content = default;
        return new(all);
    }

    public override Task RespondAsync(int status, FieldSection? headers = null)
    {
        _head = new ResponseHead(status, headers);
        return Task.CompletedTask;
    }

    public override Task WriteAsync(ReadOnlyMemory<byte> content)
    {
        _answer.Write(content.Span);
        return Task.CompletedTask;
    }

    public override async Task EndAsync(FieldSection? trailers = null)
    {
        var response = new BinaryResponse(_head!, _answer.WrittenMemory, trailers);
        var message = new byte[Padding.SizeClass(response.Size)];
        Assert.True(response.TryWrite(message, out _));
        var encapsulated = new byte[sealer.GetSize(message.Length)];
        sealer.Seal(message, encapsulated);
        sealer.Dispose();
        outer.Response.ContentType = OhttpMediaType.Response;
        await outer.Response.Body.WriteAsync(encapsulated);
    }
}
