using Veil.ServiceDefaults;

namespace Veil.Gateway;

/// <summary>The one table from a refusal to what is answered: a closed set, nothing of the request in it.</summary>
internal static class ProblemMapping
{
    /// <summary>RFC 9458 section 6.5.1: the client should fetch the key configuration again.</summary>
    public const string OhttpKey = "https://iana.org/assignments/http-problem-types#ohttp-key";

    /// <summary>RFC 9458 section 6.5.2: the client may correct its clock by the answer's Date and retry once.</summary>
    public const string Date = "https://iana.org/assignments/http-problem-types#date";

    private const string Own = "urn:veil:problem:";

    private static readonly Problem?[] Table = [.. Enum.GetValues<Refusal>().Select(Declare)];

    /// <summary>The problem for <paramref name="refusal"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is nothing to answer: none, or an aborted request.</exception>
    public static Problem For(Refusal refusal) =>
        Table[(int)refusal] ?? throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "Nothing is answered to this.");

    private static Problem? Declare(Refusal refusal) => refusal switch
    {
        Refusal.UnsupportedMediaType => new(415, Own + "media-type", "Not an OHTTP media type"),
        Refusal.RequestTooLarge => new(413, Own + "too-large", "The encapsulated request is too large"),
        Refusal.DecapsulationFailed => new(400, OhttpKey, "The request could not be opened"),
        Refusal.Overloaded => new(503, Own + "overloaded", "Too much is in work"),
        Refusal.UnknownRelay => new(403, Own + "relay", "Only configured relays are served"),
        Refusal.NoSuchResource => new(404, Own + "not-found", "No such resource"),
        Refusal.NoActiveKey => new(503, Own + "no-key", "No key is active"),
        Refusal.NoEpoch => new(503, Own + "no-epoch", "No epoch is published"),
        Refusal.NoSuchMethod => new(405, Own + "method", "The gateway resource has no such method"),

        Refusal.MalformedRequest => new(400, Own + "malformed", "Not a usable Binary HTTP request"),
        Refusal.DateOutsideWindow => new(400, Date, "The Date field is missing or too far from the gateway's clock"),
        Refusal.Replayed => new(400, Own + "replayed", "The encapsulated request was seen before"),
        Refusal.ReplayMemoryFull => new(503, Own + "replay-memory", "The replay memory is full"),
        Refusal.UnknownAuthority => new(421, Own + "authority", "No such service behind this gateway"),
        Refusal.NotFound => new(404, Own + "not-found", "No such document"),
        Refusal.MethodNotAllowed => new(405, Own + "method", "The method is not allowed here"),
        Refusal.ContentTooLarge => new(413, Own + "too-large", "The content is longer than the service allows"),
        Refusal.ExpectationFailed => new(417, Own + "expectation", "Expectations cannot be met inside OHTTP"),
        Refusal.TokenRequired => new(401, Own + "token", "A token is required"),
        Refusal.IssuerUnavailable => new(503, Own + "issuer-unavailable", "Tokens cannot be checked now"),
        Refusal.NoVerifiedHost => new(503, Own + "no-host", "No verified host is connected"),
        Refusal.HostFailed => new(502, Own + "host-failed", "The host failed"),
        Refusal.HostTimedOut => new(504, Own + "host-timeout", "The host took too long"),
        Refusal.AnswerTooLarge => new(502, Own + "answer-too-large", "The host's answer is too large"),
        Refusal.None or Refusal.RequestAborted => null,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "A refusal without a problem."),
    };
}
