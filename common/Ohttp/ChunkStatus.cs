namespace Veil.Ohttp;

/// <summary>What one read of a chunked message gave.</summary>
public enum ChunkStatus
{
    /// <summary>All input was consumed and no further chunk is complete.</summary>
    NeedMoreInput,

    /// <summary>A chunk was opened and more follow; unread input may remain.</summary>
    Chunk,

    /// <summary>The final chunk was opened, possibly empty: the message is complete, and only now.</summary>
    Final,

    /// <summary>The message is broken or cut short; <see cref="ChunkedOpener.Error"/> says why. What was opened before is not a complete message.</summary>
    Failed,
}
