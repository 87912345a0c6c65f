using Veil.Wire;

namespace Veil.Bhttp;

/// <summary>What known-length requests and responses have in common: header section, content and trailer section, each behind its length.</summary>
internal static class WholeMessage
{
    public static int Size(FieldSection headers, int content, FieldSection? trailers) =>
        FieldLine.VectorSize(headers.Size) + FieldLine.VectorSize(content) + FieldLine.VectorSize(trailers?.Size ?? 0);

    public static void Write(ref WireWriter writer, FieldSection headers, ReadOnlySpan<byte> content, FieldSection? trailers)
    {
        WriteSection(ref writer, headers);
        writer.WriteVectorVarint(content);
        if (trailers is null)
            writer.WriteByte(0);
        else
            WriteSection(ref writer, trailers);
    }

    public static void WriteSection(ref WireWriter writer, FieldSection section)
    {
        writer.WriteVarint((ulong)section.Size);
        section.Write(ref writer);
    }
}
