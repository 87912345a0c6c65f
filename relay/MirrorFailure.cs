namespace Veil.Relay;

/// <summary>Why a gateway's keys could not be fetched.</summary>
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

    /// <summary>A media type other than <c>application/ohttp-keys</c>.</summary>
    WrongMediaType,

    /// <summary>Empty, or larger than any set of keys.</summary>
    WrongSize,
}
