namespace Veil.Relay.Mirror;

/// <summary>The place of one document of one gateway: empty until it was fetched once.</summary>
internal sealed class Mirrored(DocumentKind kind)
{
    private volatile MirroredDocument? _copy;

    /// <summary>Which document.</summary>
    public DocumentKind Kind => kind;

    /// <summary>True once it was asked for, whatever the answer.</summary>
    public bool WasAsked { get; set; }

    /// <summary>The last copy.</summary>
    public MirroredDocument? Copy
    {
        get => _copy;
        set => _copy = value;
    }
}
