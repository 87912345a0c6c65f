using Veil.Bhttp;

namespace Veil.Client.Tests.Exchange;

/// <summary>One request as the far side opened it, and the answer as the test writes it; plain or chunked underneath.</summary>
internal abstract class InnerExchange
{
    public required RequestHead Head { get; init; }

    /// <summary>The request's content as it arrives; empty memory at its end.</summary>
    public abstract ValueTask<ReadOnlyMemory<byte>> ReadAsync();

    public abstract Task RespondAsync(int status, FieldSection? headers = null);

    /// <summary>Sends a piece of the answer's content, and flushes it where the answer streams.</summary>
    public abstract Task WriteAsync(ReadOnlyMemory<byte> content);

    public abstract Task EndAsync(FieldSection? trailers = null);

    public async Task<byte[]> ReadAllAsync()
    {
        using var whole = new MemoryStream();
        while (await ReadAsync() is { IsEmpty: false } piece)
        {
            whole.Write(piece.Span);
        }

        return whole.ToArray();
    }

    public async Task AnswerAsync(int status, ReadOnlyMemory<byte> content, FieldSection? headers = null)
    {
        await RespondAsync(status, headers);
        await WriteAsync(content);
        await EndAsync();
    }
}
