using System.Buffers;

namespace Veil.Bhttp;

/// <summary>What the parts of a request's control data may hold (RFC 9292 section 3.4, RFC 9113 section 8.3.1).</summary>
internal static class ControlDataRules
{
    private static readonly SearchValues<char> TokenChars = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private static readonly SearchValues<char> SchemeChars = SearchValues.Create("+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private static readonly SearchValues<char> NotInAuthority = SearchValues.Create("/?#@\\\"<>^`{|}");

    /// <summary>The first part that is not acceptable, or <see cref="BhttpError.None"/>.</summary>
    public static BhttpError Check(string method, string scheme, string authority, string path) =>
        !IsMethod(method) ? BhttpError.BadMethod
        : !IsScheme(scheme) ? BhttpError.BadScheme
        : !IsAuthority(authority) ? BhttpError.BadAuthority
        : !IsPath(method, scheme, path) ? BhttpError.BadPath
        : BhttpError.None;

    private static bool IsMethod(string method) => method.Length > 0 && !method.AsSpan().ContainsAnyExcept(TokenChars) && method is not "CONNECT";

    private static bool IsScheme(string scheme) => scheme.Length > 0 && char.IsAsciiLetter(scheme[0]) && !scheme.AsSpan().ContainsAnyExcept(SchemeChars);

    private static bool IsAuthority(string authority) => IsVisible(authority) && !authority.AsSpan().ContainsAny(NotInAuthority);

    private static bool IsPath(string method, string scheme, string path) =>
        IsVisible(path) && !path.Contains('#')
        && (path.StartsWith('/') || (path is "*" && method is "OPTIONS")
            || !(scheme.Equals("https", StringComparison.OrdinalIgnoreCase) || scheme.Equals("http", StringComparison.OrdinalIgnoreCase)));

    private static bool IsVisible(string text) => !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
