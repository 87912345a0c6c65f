using System.Buffers;
using Veil.Bhttp;

namespace Veil.Common.Tests.Bhttp;

/// <summary>Random valid messages of both framings, from a seed.</summary>
internal static class SampleMessages
{
    public static BinaryRequest Request(Random random) => new(
        new RequestHead(Pick(random, "GET", "POST", "PATCH"), Pick(random, "https", "http"), Pick(random, "a.example", ""), "/" + Text(random, 40), Section(random)),
        Content(random),
        Section(random));

    public static BinaryResponse Response(Random random) => new(new ResponseHead(random.Next(200, 600), Section(random)), Content(random), Section(random))
    {
        Informational = [.. Enumerable.Range(0, random.Next(3)).Select(_ => new ResponseHead(random.Next(100, 200), Section(random)))],
    };

    public static byte[] KnownLength(BinaryRequest request, int padding = 0)
    {
        byte[] bytes = new byte[request.Size + padding];
        Assert.True(request.TryWrite(bytes, out _));
        return bytes;
    }

    public static byte[] KnownLength(BinaryResponse response, int padding = 0)
    {
        byte[] bytes = new byte[response.Size + padding];
        Assert.True(response.TryWrite(bytes, out _));
        return bytes;
    }

    public static byte[] Indeterminate(BinaryRequest request, Random random, int padding = 0)
    {
        var output = new ArrayBufferWriter<byte>();
        var encoder = new BhttpRequestEncoder();
        encoder.WriteHead(output, request.Head);
        foreach (ReadOnlyMemory<byte> chunk in Chunks(request.Content, random))
            encoder.WriteContent(output, chunk.Span);
        encoder.WriteEnd(output, request.Trailers, padding);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Indeterminate(BinaryResponse response, Random random, int padding = 0)
    {
        var output = new ArrayBufferWriter<byte>();
        var encoder = new BhttpResponseEncoder();
        foreach (ResponseHead head in response.Informational)
            encoder.WriteHead(output, head);
        encoder.WriteHead(output, response.Head);
        foreach (ReadOnlyMemory<byte> chunk in Chunks(response.Content, random))
            encoder.WriteContent(output, chunk.Span);
        encoder.WriteEnd(output, response.Trailers, padding);
        return output.WrittenSpan.ToArray();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Chunks(ReadOnlyMemory<byte> content, Random random)
    {
        while (!content.IsEmpty)
        {
            int size = random.Next(1, content.Length + 1);
            yield return content[..size];
            content = content[size..];
        }
    }

    private static byte[] Content(Random random)
    {
        byte[] content = new byte[random.Next(3) * random.Next(200)];
        random.NextBytes(content);
        return content;
    }

    private static FieldSection Section(Random random)
    {
        var section = new FieldSection();
        for (int count = random.Next(4); count > 0; count--)
            section.Add(Pick(random, "content-type", "x-" + Text(random, 8), "accept"), Text(random, 80));
        return section;
    }

    private static string Text(Random random, int longest) => random.GetString("abcdefghijklmnopqrstuvwxyz0123456789-", random.Next(longest));

    private static string Pick(Random random, params string[] choices) => choices[random.Next(choices.Length)];
}
