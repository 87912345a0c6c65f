using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Veil.Wire;

namespace Veil.Common.Tests.Wire;

public static class QuicVarintTests
{
    public static TheoryData<string, ulong> Samples()
    {
        var samples = new TheoryData<string, ulong>();
        foreach (JsonElement sample in VectorFile.Open("rfc9292/bhttp-rfc9292.json").GetProperty("varint").EnumerateArray())
        {
            samples.Add(sample.GetProperty("hex").GetString()!, ulong.Parse(sample.GetProperty("value").ToString(), System.Globalization.CultureInfo.InvariantCulture));
        }

        return samples;
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public static void Samples_of_RFC_9000_read_back(string hex, ulong expected)
    {
        byte[] source = Convert.FromHexString(hex);
        Assert.True(QuicVarint.TryRead(source, out ulong value, out int size));
        Assert.Equal(expected, value);
        Assert.Equal(source.Length, size);
    }

    [Theory]
    [InlineData(0UL, 1)]
    [InlineData(63UL, 1)]
    [InlineData(64UL, 2)]
    [InlineData(16383UL, 2)]
    [InlineData(16384UL, 4)]
    [InlineData((1UL << 30) - 1, 4)]
    [InlineData(1UL << 30, 8)]
    [InlineData(QuicVarint.MaxValue, 8)]
    public static void The_shortest_form_is_written(ulong value, int size)
    {
        byte[] buffer = new byte[QuicVarint.MaxSize];
        Assert.Equal(size, QuicVarint.Write(buffer, value));
        Assert.True(QuicVarint.TryRead(buffer.AsSpan(0, size), out ulong read, out int readSize));
        Assert.Equal(value, read);
        Assert.Equal(size, readSize);
        for (int cut = 0; cut < size; cut++)
        {
            Assert.False(QuicVarint.TryRead(buffer.AsSpan(0, cut), out _, out _));
        }
    }

    [Fact]
    public static void A_value_over_62_bits_is_the_callers_mistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => QuicVarint.Size(QuicVarint.MaxValue + 1));

    [Fact]
    public static void Any_bytes_read_or_are_refused() =>
        Prop.ForAll<byte[]>(bytes => QuicVarint.TryRead(bytes, out ulong value, out int size) == (bytes.Length >= size) && value <= QuicVarint.MaxValue)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
}
