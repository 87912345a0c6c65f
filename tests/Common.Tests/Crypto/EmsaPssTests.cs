using FsCheck;
using FsCheck.Fluent;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

public static class EmsaPssTests
{
    [Theory]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(2055)]
    [InlineData(4095)]
    public static void Every_width_of_the_top_byte_round_trips(int emBits)
    {
        var encoded = new byte[(emBits / 8) + 1];
        byte[] salt = [.. Enumerable.Range(0, 48).Select(i => (byte)i)];
        EmsaPss.Encode("message"u8, salt, emBits, encoded);
        Assert.True(EmsaPss.Verify("message"u8, [.. encoded], 48, emBits));
        Assert.False(EmsaPss.Verify("massage"u8, [.. encoded], 48, emBits));
        Assert.False(EmsaPss.Verify("message"u8, [.. encoded], 0, emBits));
        Assert.False(EmsaPss.Verify("message"u8, [.. encoded], 47, emBits));
    }

    [Fact]
    public static void A_flipped_bit_anywhere_is_refused()
    {
        var encoded = new byte[256];
        EmsaPss.Encode("message"u8, new byte[48], 2047, encoded);
        for (int bit = 0; bit < encoded.Length * 8; bit++)
        {
            byte[] flipped = [.. encoded];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(EmsaPss.Verify("message"u8, flipped, 48, 2047));
        }
    }

    [Fact]
    public static void Any_bytes_are_refused_without_throwing() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            var encoded = new byte[256];
            bytes.AsSpan(0, Math.Min(bytes.Length, encoded.Length)).CopyTo(encoded);
            encoded[^1] = 0xBC;
            return !EmsaPss.Verify("message"u8, encoded, 48, 2047);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
}
