using System.Collections.Frozen;

namespace Veil.Gateway.Services;

/// <summary>
/// The fields that pass between client and host. What is not named here stops at the gateway: tokens and cookies, fields of one connection, and
/// whatever could tell clients or hosts apart.
/// </summary>
public static class FieldAllowList
{
    /// <summary>Request fields that every service gets.</summary>
    public static IReadOnlyList<string> Request { get; } =
    [
        "accept", "accept-encoding", "cache-control", "content-encoding", "content-language", "content-type",
        "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range",
    ];

    /// <summary>Answer fields that every client gets.</summary>
    public static IReadOnlyList<string> Answer { get; } =
    [
        "accept-ranges", "allow", "cache-control", "content-disposition", "content-encoding", "content-language", "content-range", "content-type",
        "etag", "expires", "last-modified", "location", "retry-after", "vary",
    ];

    private static readonly FrozenSet<string> NeverToHost = FrozenSet.Create(
        StringComparer.Ordinal,
        "authorization", "connection", "content-length", "cookie", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection", "te",
        "trailer", "transfer-encoding", "upgrade");

    private static readonly FrozenSet<string> NeverToClient = FrozenSet.Create(
        StringComparer.Ordinal,
        "connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-connection", "set-cookie", "te", "trailer", "transfer-encoding",
        "upgrade", "www-authenticate");

    /// <summary>The set for requests, with a service's own additions.</summary>
    internal static FrozenSet<string> ForRequests(IEnumerable<string> additions) => Combine(Request, additions, NeverToHost);

    /// <summary>The set for answers, with a service's own additions.</summary>
    internal static FrozenSet<string> ForAnswers(IEnumerable<string> additions) => Combine(Answer, additions, NeverToClient);

    /// <summary>True when a service's additions are lower-case names that may ever pass.</summary>
    internal static bool MayAdd(ServiceOptions service, out string? offending)
    {
        offending = service.RequestFields.FirstOrDefault(name => !IsLowerCase(name) || NeverToHost.Contains(name))
            ?? service.AnswerFields.FirstOrDefault(name => !IsLowerCase(name) || NeverToClient.Contains(name));
        return offending is null;
    }

    private static FrozenSet<string> Combine(IEnumerable<string> common, IEnumerable<string> additions, FrozenSet<string> never) =>
        common.Concat(additions).Where(name => !never.Contains(name)).ToFrozenSet(StringComparer.Ordinal);

    private static bool IsLowerCase(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
}
