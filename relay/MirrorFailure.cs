namespace Veil.Relay;

/// <summary>Why a gateway's document could not be fetched.</summary>
internal enum MirrorFailure
{
    /// <summary>It was fetched.</summary>
    None,

    /// <summary>No connection, or TLS failed.</summary>
    Unreachable,

    /// <summary>No whole answer in time.</summary>
    TimedOut,

    /// <summary>A status other than 200.</summary>
    WrongStatus,

    /// <summary>A media type other than the one that was asked for.</summary>
    WrongMediaType,

    /// <summary>Empty, or larger than any document of its kind.</summary>
    WrongSize,
}
