namespace Veil.Gateway.Inner;

/// <summary>Content that lies in memory as a whole.</summary>
internal sealed class WholeContent(ReadOnlyMemory<byte> content) : InnerContent
{
    private readonly ReadOnlyMemory<byte> _whole = content;
    private ReadOnlyMemory<byte> _rest = content;

    public override long? Length { get; } = content.Length;

    public override ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> piece = _rest;
        _rest = default;
        return new(piece);
    }

    public override bool TryRewind()
    {
        _rest = _whole;
        return true;
    }
}
