namespace Veil.Bhttp;

/// <summary>
/// Bounds that hold before anything is kept. A declared length is compared with its bound, never allocated: memory follows the
/// bytes that really arrived. The number of content chunks needs no bound, because chunk lengths count as body bytes.
/// </summary>
public sealed record BhttpLimits
{
    /// <summary>The defaults.</summary>
    public static BhttpLimits Default { get; } = new();

    /// <summary>Control data and header section together, and the trailer section by itself, in bytes. Default 32 KiB, what common HTTP servers take for all headers.</summary>
    public int HeadBytes { get; init; } = 32 * 1024;

    /// <summary>Field lines in one section. Default 100, as common HTTP servers.</summary>
    public int FieldLines { get; init; } = 100;

    /// <summary>One field name, in bytes. Default 256: several times the longest registered name.</summary>
    public int NameBytes { get; init; } = 256;

    /// <summary>One field value, in bytes. Default 16 KiB: room for a token challenge or a long cookie.</summary>
    public int ValueBytes { get; init; } = 16 * 1024;

    /// <summary>Informational responses before the final one. Default 16: a peer that needs more is stalling.</summary>
    public int InformationalResponses { get; init; } = 16;

    /// <summary>Content, chunk lengths and padding, in bytes. Default 4 GiB: nothing is kept of them, so this ends only a stream that never would.</summary>
    public long BodyBytes { get; init; } = 4L * 1024 * 1024 * 1024;
}
