using System.Text;

namespace Veil.Relay.Tests.Rig;

/// <summary>
/// Decodes header blocks as .NET's client writes them (RFC 7541): static table and literals, no dynamic table, no Huffman coding. Anything
/// else fails the test rather than being guessed.
/// </summary>
internal static class HpackFields
{
    private static readonly string[] StaticNames =
    [
        "", ":authority", ":method", ":method", ":path", ":path", ":scheme", ":scheme", ":status", ":status", ":status", ":status", ":status", ":status", ":status",
        "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "accept", "access-control-allow-origin", "age", "allow", "authorization", "cache-control",
        "content-disposition", "content-encoding", "content-language", "content-length", "content-location", "content-range", "content-type", "cookie", "date", "etag",
        "expect", "expires", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified", "link", "location",
        "max-forwards", "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh", "retry-after", "server", "set-cookie", "strict-transport-security",
        "transfer-encoding", "user-agent", "vary", "via", "www-authenticate",
    ];

    private static readonly Dictionary<int, string> StaticValues = new() { [2] = "GET", [3] = "POST", [4] = "/", [6] = "http", [7] = "https" };

    public static string Decode(ReadOnlySpan<byte> block)
    {
        var fields = new StringBuilder();
        while (!block.IsEmpty)
        {
            byte first = block[0];
            if ((first & 0x80) != 0)
            {
                int index = Integer(ref block, 7);
                fields.Append(StaticNames[index]).Append(": ").Append(StaticValues[index]).Append('\n');
                continue;
            }
            Assert.True((first & 0xe0) != 0x20, "no table size update is expected");
            int name = Integer(ref block, (first & 0x40) != 0 ? 6 : 4);
            string key = name == 0 ? Text(ref block) : StaticNames[name];
            fields.Append(key).Append(": ").Append(Text(ref block)).Append('\n');
        }
        return fields.ToString();
    }

    private static int Integer(ref ReadOnlySpan<byte> block, int bits)
    {
        int mask = (1 << bits) - 1, value = block[0] & mask, shift = 0;
        block = block[1..];
        if (value < mask)
            return value;
        byte next;
        do
        {
            next = block[0];
            block = block[1..];
            value += (next & 0x7f) << shift;
            shift += 7;
        }
        while ((next & 0x80) != 0);
        return value;
    }

    private static string Text(ref ReadOnlySpan<byte> block)
    {
        Assert.True((block[0] & 0x80) == 0, "no Huffman coding is expected");
        int length = Integer(ref block, 7);
        string text = Encoding.Latin1.GetString(block[..length]);
        block = block[length..];
        return text;
    }
}
