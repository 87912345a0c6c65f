using FsCheck;
using FsCheck.Fluent;
using Veil.Wire;

namespace Veil.Common.Tests.Wire;

public static class WireReaderTests
{
    [Fact]
    public static void What_is_written_reads_back_and_every_proper_prefix_is_refused()
    {
        byte[] buffer = new byte[64];
        var writer = new WireWriter(buffer);
        writer.WriteByte(7);
        writer.WriteUInt16(0x0102);
        writer.WriteUInt32(0x03040506);
        writer.WriteUInt64(0x0708090A0B0C0D0E);
        writer.WriteVarint(16384);
        writer.WriteVector8([1, 2, 3]);
        writer.WriteVector16([4, 5]);
        writer.WriteVectorVarint([6]);
        ReadOnlySpan<byte> written = buffer.AsSpan(0, writer.Written);

        Assert.True(ReadsBack(written));
        for (int cut = 0; cut < written.Length; cut++)
        {
            Assert.False(ReadsBack(written[..cut]));
        }

        Assert.False(ReadsBack([.. written, 0]));
    }

    [Fact]
    public static void After_the_first_short_read_all_later_reads_are_empty()
    {
        var reader = new WireReader([1, 2, 3]);
        Assert.True(reader.Take(4).IsEmpty);
        Assert.Equal(0, reader.ReadByte());
        Assert.Equal(0, reader.Remaining);
        Assert.True(reader.TakeRest().IsEmpty);
        Assert.False(reader.Completed);
        Assert.True(reader.Failed);
    }

    [Fact]
    public static void A_length_larger_than_an_int_is_refused_without_allocation() =>
        Assert.False(TakesVectorVarint([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]));

    [Fact]
    public static void Any_bytes_parse_or_are_refused_without_throwing() =>
        Prop.ForAll<byte[]>(bytes =>
            {
                ReadsBack(bytes);
                TakesVectorVarint(bytes);
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    [Fact]
    public static void A_span_that_is_too_short_is_the_callers_mistake() =>
        Assert.ThrowsAny<ArgumentException>(() => new WireWriter(new byte[3]).WriteUInt32(1));

    [Fact]
    public static void A_vector_longer_than_its_length_field_is_the_callers_mistake() =>
        Assert.Throws<OverflowException>(() => new WireWriter(new byte[400]).WriteVector8(new byte[256]));

    private static bool TakesVectorVarint(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        reader.ReadVectorVarint();
        return reader.Completed;
    }

    private static bool ReadsBack(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        bool same = reader.ReadByte() == 7
            & reader.ReadUInt16() == 0x0102
            & reader.ReadUInt32() == 0x03040506
            & reader.ReadUInt64() == 0x0708090A0B0C0D0E
            & reader.ReadVarint() == 16384
            & reader.ReadVector8().SequenceEqual<byte>([1, 2, 3])
            & reader.ReadVector16().SequenceEqual<byte>([4, 5])
            & reader.ReadVectorVarint().SequenceEqual<byte>([6]);
        return reader.Completed && same;
    }
}
