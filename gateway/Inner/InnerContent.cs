namespace Veil.Gateway.Inner;

/// <summary>The content of an inner request, read while it arrives.</summary>
internal abstract class InnerContent
{
    /// <summary>Its length in bytes where that is known beforehand.</summary>
    public abstract long? Length { get; }

    /// <summary>The next piece, valid until the next call; empty when the content is complete.</summary>
    /// <exception cref="InnerContentException">The content ends in a way that is no end: cut off, not Binary HTTP, too long, or silent for too long.</exception>
    public abstract ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Starts over, so that the next piece is the first; false where what was read is gone.</summary>
    public virtual bool TryRewind() => false;
}
