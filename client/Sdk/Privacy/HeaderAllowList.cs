using System.Collections.Frozen;

namespace Veil.ClientSdk;

/// <summary>
/// Which of the caller's header fields travel inside the encryption. Built from empty: whatever is not named stays on this machine,
/// since the host's operator reads what is inside and a field such as User-Agent or Cookie would tell requests of one person together.
/// </summary>
public sealed class HeaderAllowList
{
    private readonly FrozenSet<string> _allowed;

    /// <summary>The default fields and <paramref name="more"/>.</summary>
    /// <exception cref="ArgumentException">A name of <paramref name="more"/> can never be allowed.</exception>
    public HeaderAllowList(IEnumerable<string> more)
    {
        ArgumentNullException.ThrowIfNull(more);
        string[] names = [.. more];
        if (names.FirstOrDefault(name => !MayBeAllowed(name)) is string refused)
        {
            throw new ArgumentException($"The field \"{refused}\" cannot be allowed.", nameof(more));
        }

        _allowed = Default.Concat(names).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>What the content is and what answer is wanted; nothing about who asks.</summary>
    public static IReadOnlyList<string> Default { get; } = ["accept", "cache-control", "content-encoding", "content-type", "range"];

    /// <summary>True when a field of this name travels.</summary>
    public bool Allows(string name) => _allowed.Contains(name);

    /// <summary>False for names that carry identity, that belong to one hop, that this client sets itself, or that are no field name at all.</summary>
    public static bool MayBeAllowed(string name) =>
        !string.IsNullOrEmpty(name) && name.All(IsTokenCharacter) && !Never.Contains(name)
        && !NeverPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static readonly FrozenSet<string> Never = new[]
    {
        // identity
        "authorization", "cookie", "cookie2", "from", "forwarded", "origin", "proxy-authorization", "referer", "user-agent", "via",
        "x-real-ip", "true-client-ip", "x-api-key", "api-key", "openai-organization", "openai-project", "traceparent", "tracestate", "baggage",
        // one hop
        "connection", "expect", "host", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        // set here
        "content-length", "date",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] NeverPrefixes = ["x-stainless-", "x-forwarded-", "sec-", "cf-"];

    private static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c);
}
