namespace Veil.Gateway;

/// <summary>Every reason for which this gateway refuses. <see cref="ProblemMapping"/> says what the other side gets to see.</summary>
internal enum Refusal
{
    /// <summary>Nothing is refused.</summary>
    None,

    // Before a request could be opened: answered in clear to the relay.

    /// <summary>The outer request is neither of the two OHTTP media types.</summary>
    UnsupportedMediaType,

    /// <summary>The encapsulated request is longer than this gateway takes.</summary>
    RequestTooLarge,

    /// <summary>Unknown key, foreign suite, truncated or failed open: all alike.</summary>
    DecapsulationFailed,

    /// <summary>As many requests as allowed are in work.</summary>
    Overloaded,

    /// <summary>The sender holds no certificate of a configured relay.</summary>
    UnknownRelay,

    /// <summary>Not the gateway resource.</summary>
    NoSuchResource,

    /// <summary>A method that the gateway resource does not have.</summary>
    NoSuchMethod,

    /// <summary>There are no key configurations to give: no key is active.</summary>
    NoActiveKey,

    /// <summary>There is no epoch to give: no head was published yet, or this gateway publishes none.</summary>
    NoEpoch,

    // After it was opened: answered inside the encapsulated response.

    /// <summary>The plaintext is not a Binary HTTP request, or one that means nothing here.</summary>
    MalformedRequest,

    /// <summary>The Date field is missing where it is needed, or outside the window (RFC 9458 section 6.5.2).</summary>
    DateOutsideWindow,

    /// <summary>The same encapsulated request was opened before.</summary>
    Replayed,

    /// <summary>The memory of what was opened is full: a replay could not be told.</summary>
    ReplayMemoryFull,

    /// <summary>The inner authority is none of this gateway's.</summary>
    UnknownAuthority,

    /// <summary>The authority has no such document.</summary>
    NotFound,

    /// <summary>The method is not allowed here: without a token only GET is.</summary>
    MethodNotAllowed,

    /// <summary>The content is longer than the service allows.</summary>
    ContentTooLarge,

    /// <summary>An expectation such as 100-continue, which OHTTP cannot meet.</summary>
    ExpectationFailed,

    /// <summary>No token, or one that is not accepted: which of the two is not told.</summary>
    TokenRequired,

    /// <summary>The issuer's keys or verdict cannot be had: nothing is accepted unseen.</summary>
    IssuerUnavailable,

    /// <summary>No host of the service is verified and connected.</summary>
    NoVerifiedHost,

    /// <summary>The host failed before its answer was complete.</summary>
    HostFailed,

    /// <summary>The host took longer than the service allows.</summary>
    HostTimedOut,

    /// <summary>The host's answer is longer than the service allows.</summary>
    AnswerTooLarge,

    /// <summary>The sender of the request went away or sent a broken stream: there is nobody to answer.</summary>
    RequestAborted,
}
