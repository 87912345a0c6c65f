using Veil.ServiceDefaults;

namespace Veil.Relay;

/// <summary>The closed set of refusals of a relay, and the one table from outcome to answer.</summary>
internal static class RelayProblems
{
    public static readonly Problem NoKeys = Make(503, "no-keys", "The gateway's keys are not known or too old.");

    public static readonly Problem NoEpoch = Make(503, "no-epoch", "The gateway's epoch is not known or too old.");

    private static readonly Problem UnknownGateway = Make(404, "unknown-gateway", "This relay serves no gateway of that name.");
    private static readonly Problem WrongMethod = Make(405, "wrong-method", "GET fetches the gateway's keys or epoch, POST sends a request.");
    private static readonly Problem WrongMediaType = Make(415, "wrong-media-type", "The content must be message/ohttp-req or message/ohttp-chunked-req.");
    private static readonly Problem Empty = Make(400, "empty", "The request has no content.");
    private static readonly Problem TooLarge = Make(413, "too-large", "The content is larger than this relay carries.");
    private static readonly Problem RateLimited = Make(429, "rate-limited", "Too many requests from this address.");
    private static readonly Problem TooManyAtOnce = Make(429, "too-many-at-once", "Too many requests from this address are open.");
    private static readonly Problem TooSlow = Make(408, "too-slow", "The content took too long to arrive.");
    private static readonly Problem Busy = Make(503, "busy", "The relay has no room for another request.");
    private static readonly Problem BadRequest = Make(400, "broken-off", "The content could not be read to its end.");
    private static readonly Problem GatewayUnreachable = Make(502, "gateway-unreachable", "The gateway cannot be reached.");
    private static readonly Problem GatewayAnsweredWrongly = Make(502, "gateway-answered-wrongly", "The gateway's answer is not OHTTP.");
    private static readonly Problem TimedOut = Make(504, "timed-out", "The gateway did not answer in time.");

    /// <summary>The answer to an exchange that ended without one.</summary>
    public static Problem For(RelayOutcome outcome) => outcome switch
    {
        RelayOutcome.UnknownGateway => UnknownGateway,
        RelayOutcome.WrongMethod => WrongMethod,
        RelayOutcome.WrongMediaType => WrongMediaType,
        RelayOutcome.Empty => Empty,
        RelayOutcome.TooLarge => TooLarge,
        RelayOutcome.RateLimited => RateLimited,
        RelayOutcome.TooManyAtOnce => TooManyAtOnce,
        RelayOutcome.Busy => Busy,
        RelayOutcome.TooSlow => TooSlow,
        RelayOutcome.ClientGone => BadRequest,
        RelayOutcome.GatewayUnreachable => GatewayUnreachable,
        RelayOutcome.TimedOut => TimedOut,
        _ => GatewayAnsweredWrongly,
    };

    private static Problem Make(int status, string type, string title) => new(status, $"urn:veil:problem:relay:{type}", title);
}
