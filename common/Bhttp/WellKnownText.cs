using System.Text;

namespace Veil.Bhttp;

/// <summary>Turns bytes of the wire into strings, without allocation for those that nearly every message holds.</summary>
internal static class WellKnownText
{
    private static readonly string[][] ByLength = Group(
        "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "https", "http", "/", "*",
        "accept", "accept-encoding", "accept-language", "age", "authorization", "cache-control", "content-encoding", "content-length",
        "content-type", "date", "etag", "expires", "host", "last-modified", "link", "location", "retry-after", "server", "user-agent", "vary", "www-authenticate",
        "*/*", "application/json", "text/event-stream", "text/plain", "application/octet-stream", "application/problem+json", "no-store", "no-cache");

    /// <summary>The bytes as Latin-1 characters.</summary>
    public static string Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < ByLength.Length)
        {
            foreach (string known in ByLength[bytes.Length])
            {
                if (Ascii.Equals(bytes, known))
                    return known;
            }
        }

        return Encoding.Latin1.GetString(bytes);
    }

    private static string[][] Group(params string[] texts)
    {
        string[][] groups = new string[texts.Max(text => text.Length) + 1][];
        for (int length = 0; length < groups.Length; length++)
            groups[length] = [.. texts.Where(text => text.Length == length)];
        return groups;
    }
}
