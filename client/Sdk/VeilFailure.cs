namespace Veil.ClientSdk;

/// <summary>Everything that stops a private request, one member a reason.</summary>
public enum VeilFailure
{
    /// <summary>The request cannot be sent privately as it is: scheme, method or size, or more work than the service takes.</summary>
    RequestRefused,

    /// <summary>A body whose fields must be filtered is not JSON, whatever its media type says.</summary>
    BodyNotUnderstood,

    /// <summary>The request names an authority that the gateway's view does not serve.</summary>
    UnknownService,

    /// <summary>The wallet file is not a wallet, or another process held it for too long.</summary>
    WalletUnavailable,

    /// <summary>The wallet has too few tokens and may not, or could not, be filled.</summary>
    NoToken,

    /// <summary>No connection, no TLS, or the connection broke before an answer.</summary>
    Unreachable,

    /// <summary>The answer's status or media type is none that this hop may give.</summary>
    UnexpectedAnswer,

    /// <summary>The answer is larger than the options allow.</summary>
    AnswerTooLarge,

    /// <summary>Key configurations do not parse, or offer no suite that this client supports.</summary>
    BadKeyConfiguration,

    /// <summary>The gateway's own copy is malformed, wrongly signed, or signed for another name.</summary>
    BadView,

    /// <summary>The gateway's own copy is signed for another time: an old one was replayed, or this machine's clock is wrong.</summary>
    StaleView,

    /// <summary>The relay's mirror is neither the current nor the previous keys of the gateway's own copy: it is not used.</summary>
    ViewMismatch,

    /// <summary>The epoch breaks a rule of the authority's log; the message names the rule. Nothing of it is used.</summary>
    EpochRefused,

    /// <summary>Two relays show two histories of one log: neither is used.</summary>
    SplitView,

    /// <summary>The fleet lists a host that does not pass its appraisal, or no release is old enough.</summary>
    HostRefused,

    /// <summary>The file that remembers the log cannot be read or written.</summary>
    SeenLogUnavailable,

    /// <summary>The issuer's directory and the gateway's copy of it differ: these keys are not used.</summary>
    DirectoryMismatch,

    /// <summary>The challenge could tell clients apart, or is for another issuer or origin.</summary>
    BadChallenge,

    /// <summary>The relay or the gateway says that it cannot open the request; the key was looked up again, once.</summary>
    KeyRejected,

    /// <summary>The relay or the gateway refuses for now: too many requests, or too busy.</summary>
    Busy,

    /// <summary>The answer does not decrypt, is not a response, or ends before its last chunk.</summary>
    BadAnswer,

    /// <summary>The gateway found the request's date outside its window, twice or for a body that cannot be sent again.</summary>
    ClockRefused,

    /// <summary>Tokens are of a type that this machine cannot draw: a library is missing.</summary>
    TokenTypeUnavailable,

    /// <summary>The issuer does not accept the account.</summary>
    AccountRefused,

    /// <summary>The account's quota is used up.</summary>
    QuotaExhausted,

    /// <summary>The issuer's answer does not verify under the key that everyone is given.</summary>
    BadIssuance,
}
