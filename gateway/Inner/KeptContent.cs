using System.Buffers;

namespace Veil.Gateway.Inner;

/// <summary>
/// Content that arrives while it is read, of which the beginning is kept so that it can be read again: a request can then go to another host when the one that had it is
/// lost. What is longer than the limit cannot start over, and nothing of it is held.
/// </summary>
internal sealed class KeptContent(InnerContent source, int limit) : InnerContent, IDisposable
{
    private byte[]? _kept = ArrayPool<byte>.Shared.Rent(Math.Min(limit, 4096));
    private int _size;
    private bool _startsOver;

    public override long? Length { get; } = source.Length;

    public override async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (_startsOver)
        {
            _startsOver = false;
            return _kept.AsMemory(0, _size);
        }

        ReadOnlyMemory<byte> piece = await source.ReadAsync(cancellationToken);
        Keep(piece.Span);
        return piece;
    }

    public override bool TryRewind()
    {
        _startsOver = _kept is not null && _size > 0;
        return _kept is not null;
    }

    public void Dispose() => LetGo();

    private void Keep(ReadOnlySpan<byte> piece)
    {
        if (_kept is null)
            return;
        if (piece.Length > limit - _size)
        {
            LetGo();
            return;
        }

        if (piece.Length > _kept.Length - _size)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(limit, 2 * (_size + piece.Length)));
            _kept.AsSpan(0, _size).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_kept, clearArray: true);
            _kept = larger;
        }

        piece.CopyTo(_kept.AsSpan(_size));
        _size += piece.Length;
    }

    private void LetGo()
    {
        if (_kept is { } kept)
            ArrayPool<byte>.Shared.Return(kept, clearArray: true);
        (_kept, _size) = (null, 0);
    }
}
