namespace Veil.Relay;

/// <summary>How an exchange ended; the only thing that is counted of it.</summary>
internal enum RelayOutcome
{
    /// <summary>The gateway's sealed answer went to the client.</summary>
    Answered,

    /// <summary>The gateway's refusal went to the client.</summary>
    RefusedByGateway,

    /// <summary>The path names no gateway of this relay.</summary>
    UnknownGateway,

    /// <summary>Neither GET nor POST.</summary>
    WrongMethod,

    /// <summary>Neither <c>message/ohttp-req</c> nor <c>message/ohttp-chunked-req</c>.</summary>
    WrongMediaType,

    /// <summary>No content.</summary>
    Empty,

    /// <summary>More content than the limit.</summary>
    TooLarge,

    /// <summary>The address has used its budget.</summary>
    RateLimited,

    /// <summary>The address has as many exchanges open as it may.</summary>
    TooManyAtOnce,

    /// <summary>The relay has no room for another exchange.</summary>
    Busy,

    /// <summary>The content took too long to arrive.</summary>
    TooSlow,

    /// <summary>The client went away or broke off.</summary>
    ClientGone,

    /// <summary>No connection to the gateway.</summary>
    GatewayUnreachable,

    /// <summary>The gateway answered with something that is not OHTTP.</summary>
    GatewayAnsweredWrongly,

    /// <summary>No byte for too long, or too long in all.</summary>
    TimedOut,

    /// <summary>The answer broke off midway; the client got an error, not an end.</summary>
    CutMidway,
}
