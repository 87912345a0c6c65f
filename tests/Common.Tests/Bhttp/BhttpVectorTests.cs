using System.Text;
using System.Text.Json;
using Veil.Bhttp;

namespace Veil.Common.Tests.Bhttp;

/// <summary>The RFC's examples, messages computed from its rules, and messages that must be refused.</summary>
public static class BhttpVectorTests
{
    private static readonly JsonElement Vectors = VectorFile.Open("rfc9292/bhttp-rfc9292.json");

    public static TheoryData<string> Valid => [.. All("rfc_examples", "valid_more").Select(Name)];

    public static TheoryData<string> Truncated => [.. All("truncations").Select(Name)];

    public static TheoryData<string> Invalid => [.. All("invalid").Select(Name)];

    [Theory]
    [MemberData(nameof(Valid))]
    public static void A_valid_message_reads_as_the_vector_says(string name)
    {
        JsonElement vector = Find(name);
        byte[] message = vector.Hex("hex");
        JsonElement parsed = vector.GetProperty("parsed");
        Assert.Equal(Text(parsed), ReadWhole(message, IsRequest(parsed)));
        Assert.Equal(Text(parsed), DecodedMessage.Read(message, IsRequest(parsed), null, 1));
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public static void A_valid_message_survives_being_written_again(string name)
    {
        JsonElement vector = Find(name);
        byte[] message = vector.Hex("hex");
        bool isRequest = IsRequest(vector.GetProperty("parsed"));
        byte[] again = WriteAgain(message, isRequest);
        Assert.Equal(ReadWhole(message, isRequest), ReadWhole(again, isRequest));
    }

    [Theory]
    [MemberData(nameof(Truncated))]
    public static void Empty_trailing_parts_may_be_left_out(string name)
    {
        JsonElement vector = Find(name);
        JsonElement same = Find(vector.GetProperty("same_as").GetString()!);
        bool isRequest = IsRequest(same.GetProperty("parsed"));
        Assert.Equal(ReadWhole(same.Hex("hex"), isRequest), ReadWhole(vector.Hex("hex"), isRequest));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public static void An_invalid_message_is_refused_whole_and_in_pieces(string name)
    {
        byte[] message = Find(name).Hex("hex");
        bool isRequest = !name.Contains("status", StringComparison.Ordinal);
        string reason = ReadWhole(message, isRequest);
        Assert.True(Enum.TryParse(reason, out BhttpError error) && error is not BhttpError.None, reason);
        Assert.Equal(reason, DecodedMessage.Read(message, isRequest, null, 1));
    }

    [Theory]
    [InlineData("framing indicator 4", BhttpError.BadFraming)]
    [InlineData("empty input", BhttpError.Truncated)]
    [InlineData("uppercase field name", BhttpError.BadFieldName)]
    [InlineData("known-length field name length 0", BhttpError.BadFieldName)]
    [InlineData("NUL in field value", BhttpError.BadFieldValue)]
    [InlineData("CR LF in field value (header injection)", BhttpError.BadFieldValue)]
    [InlineData(":method pseudo-field", BhttpError.BadPseudoField)]
    [InlineData("pseudo-field after regular field", BhttpError.BadPseudoField)]
    [InlineData("pseudo-field in trailers", BhttpError.BadPseudoField)]
    [InlineData("status 99", BhttpError.BadStatus)]
    [InlineData("status 600", BhttpError.BadStatus)]
    [InlineData("non-zero padding", BhttpError.BadPadding)]
    [InlineData("header section ends inside a field line", BhttpError.SectionOverrun)]
    [InlineData("known-length content shorter than its length", BhttpError.Truncated)]
    [InlineData("indeterminate content missing terminator after a chunk", BhttpError.Truncated)]
    [InlineData("content length 2^62-1 with no data (must not allocate)", BhttpError.BodyTooLarge)]
    [InlineData("field name length 2^30 (must not allocate)", BhttpError.SectionOverrun)]
    public static void The_refusal_names_its_reason(string name, BhttpError expected) =>
        Assert.Equal(expected.ToString(), ReadWhole(Find(name).Hex("hex"), isRequest: !name.Contains("status", StringComparison.Ordinal)));

    private static string ReadWhole(byte[] message, bool isRequest)
    {
        BhttpError error;
        string text = isRequest
            ? BinaryRequest.TryParse(message, null, out BinaryRequest? request, out error) ? DecodedMessage.Of(request) : error.ToString()
            : BinaryResponse.TryParse(message, null, out BinaryResponse? response, out error) ? DecodedMessage.Of(response) : error.ToString();
        Assert.Equal(text == error.ToString(), error is not BhttpError.None);
        return text;
    }

    private static byte[] WriteAgain(byte[] message, bool isRequest)
    {
        if (isRequest)
        {
            Assert.True(BinaryRequest.TryParse(message, null, out BinaryRequest? request, out _));
            byte[] bytes = new byte[request.Size];
            Assert.True(request.TryWrite(bytes, out int size));
            Assert.Equal(bytes.Length, size);
            return bytes;
        }

        Assert.True(BinaryResponse.TryParse(message, null, out BinaryResponse? response, out _));
        byte[] written = new byte[response.Size];
        Assert.True(response.TryWrite(written, out int length));
        Assert.Equal(written.Length, length);
        return written;
    }

    private static IEnumerable<JsonElement> All(params string[] lists) => lists.SelectMany(list => Vectors.GetProperty(list).EnumerateArray());

    private static JsonElement Find(string name) => All("rfc_examples", "valid_more", "truncations", "invalid").First(vector => Name(vector) == name);

    private static string Name(JsonElement vector) => vector.GetProperty("name").GetString()!;

    private static bool IsRequest(JsonElement parsed) => parsed.GetProperty("kind").GetString() is "request";

    private static string Text(JsonElement parsed)
    {
        var text = new StringBuilder();
        if (parsed.TryGetProperty("informational", out JsonElement heads))
        {
            foreach (JsonElement head in heads.EnumerateArray())
                Fields(text.Append(head.GetProperty("status").GetInt32()).Append('\n'), "header", head.GetProperty("headers"));
        }

        if (IsRequest(parsed))
            text.Append(string.Join(' ', new[] { "method", "scheme", "authority", "path" }.Select(part => parsed.GetProperty(part).GetString()))).Append('\n');
        else
            text.Append(parsed.GetProperty("status").GetInt32()).Append('\n');
        Fields(text, "header", parsed.GetProperty("headers"));
        Fields(text, "trailer", parsed.GetProperty("trailers"));
        return text.Append("content ").Append(parsed.GetProperty("content").GetString()).Append('\n').ToString();
    }

    private static void Fields(StringBuilder text, string kind, JsonElement fields)
    {
        foreach (JsonElement field in fields.EnumerateArray())
            text.Append(kind).Append(' ').Append(field[0].GetString()).Append('=').Append(field[1].GetString()).Append('\n');
    }
}
