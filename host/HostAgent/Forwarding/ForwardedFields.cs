using System.Collections.Frozen;

namespace Veil.HostAgent.Forwarding;

/// <summary>
/// The fields that cross this host, each way, by allow-list. What describes content and its negotiation passes; what describes a connection, a
/// person, a machine or a hop does not, whatever the options say.
/// </summary>
internal sealed class ForwardedFields
{
    private static readonly string[] OfRequests =
    [
        "accept", "accept-encoding", "accept-language", "cache-control", "content-encoding", "content-language", "content-type",
        "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "prefer", "range",
    ];

    private static readonly string[] OfResponses =
    [
        "accept-ranges", "allow", "cache-control", "content-disposition", "content-encoding", "content-language", "content-location", "content-range", "content-type",
        "etag", "expires", "last-modified", "location", "preference-applied", "retry-after", "vary",
    ];

    private static readonly FrozenSet<string> Never = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "authorization", "connection", "content-length", "cookie", "date", "expect", "forwarded", "from", "host", "http2-settings", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "referer", "server", "set-cookie", "te", "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade", "user-agent", "via",
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "x-request-id");

    /// <summary>The built-in fields and those that the options add.</summary>
    public ForwardedFields(HostOptions options)
    {
        Requests = OfRequests.Concat(options.RequestFields).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        Responses = OfResponses.Concat(options.ResponseFields).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Fields that go to the workload.</summary>
    public FrozenSet<string> Requests { get; }

    /// <summary>Fields that come back from it.</summary>
    public FrozenSet<string> Responses { get; }

    /// <summary>Whether an operator may add a field: a lower-case token (RFC 9110 section 5.6.2) that is not on the list of those that never pass.</summary>
    public static bool MayBeAdded(string field) =>
        field.Length is > 0 and <= 64
        && field.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.')
        && !Never.Contains(field);
}
