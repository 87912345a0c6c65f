namespace Veil.Ohttp;

/// <summary>Bounds on what a peer may make the receiver of a chunked message hold or process.</summary>
public sealed record ChunkLimits
{
    /// <summary>The plaintext size that every receiver accepts and no sender exceeds (draft-ietf-ohai-chunked-ohttp section 3).</summary>
    public const int RequiredChunkSize = 16384;

    /// <summary>The defaults.</summary>
    public static ChunkLimits Default { get; } = new();

    /// <summary>Longest plaintext of one chunk in bytes, checked before the chunk is buffered. Default 16,384, which is also the least.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below <see cref="RequiredChunkSize"/> or above 16 MiB.</exception>
    public int MaxChunkSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, RequiredChunkSize);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1 << 24);
            field = value;
        }
    } = RequiredChunkSize;

    /// <summary>Longest plaintext of a whole message in bytes. Default 1 GiB, the bound that the draft works out for AES-128-GCM.</summary>
    public long MaxMessageSize { get; init; } = 1L << 30;
}
