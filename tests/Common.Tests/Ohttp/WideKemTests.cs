using Veil.Common.Tests.Hpke;
using Veil.Hpke;
using Veil.Ohttp;

namespace Veil.Common.Tests.Ohttp;

/// <summary>A KEM with X-Wing's sizes needs a row of the table and nothing else.</summary>
public static class WideKemTests
{
    [Fact]
    public static void A_configuration_reads_back_by_the_sizes_of_its_row()
    {
        using GatewayKey key = Key();
        byte[] bytes = key.Config.Write();

        Assert.Equal(1 + 2 + 1216 + 2 + 8, bytes.Length);
        Assert.True(KeyConfig.TryParse(bytes, [.. Kem.All, WideKem.Row], out KeyConfig? read, out _));
        Assert.Equal(key.Config.PublicKey.ToArray(), read.PublicKey.ToArray());
        Assert.Equal(bytes, read.Write());
        Assert.False(KeyConfig.TryParse(bytes.AsSpan(0, 1000), [WideKem.Row], out _, out OhttpError error));
        Assert.Equal(OhttpError.Truncated, error);
        Assert.False(KeyConfig.TryParse(bytes, out _, out error));
        Assert.Equal(OhttpError.UnknownKem, error);
    }

    [Fact]
    public static void A_plain_exchange_holds_on_both_sides()
    {
        using GatewayKey key = Key();
        byte[] sealedRequest = new byte[2000];
        byte[] opened = new byte[2000];

        using ResponseOpener opener = RequestSealer.Seal(key.Config, key.Config.Choose()!.Value, "request"u8, sealedRequest, out int size);
        Assert.Equal(7 + 1120 + 7 + 16, size);

        Assert.True(RequestOpener.TryOpen(new(key), sealedRequest.AsSpan(0, size), opened, out int written, out ResponseSealer sealer, out _));
        Assert.Equal("request"u8, opened.AsSpan(0, written));
        using (sealer)
        {
            Assert.Equal(sealedRequest.AsSpan(7, 1120), sealer.Enc);
            byte[] answer = new byte[sealer.GetSize(6)];
            sealer.Seal("answer"u8, answer);
            Assert.True(opener.TryOpen(answer, opened, out written, out _));
            Assert.Equal("answer"u8, opened.AsSpan(0, written));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(4000)]
    public static void A_chunked_exchange_holds_on_both_sides(int step)
    {
        using GatewayKey key = Key();
        byte[][] chunks = ["one"u8.ToArray(), "two"u8.ToArray()];

        using var requestSealer = new ChunkedRequestSealer(key.Config, key.Config.Choose()!.Value);
        Assert.Equal(7 + 1120, requestSealer.Prefix.Length);
        using var requestOpener = new ChunkedRequestOpener(new GatewayKeys(key));
        Assert.Equal(chunks, ChunkedMessageTests.OpenAll(requestOpener, ChunkedMessageTests.SealAll(requestSealer, chunks), step));
        Assert.Equal(requestSealer.Prefix[7..].ToArray(), requestOpener.Enc.ToArray());

        using ChunkedResponseSealer responseSealer = requestOpener.CreateResponseSealer();
        using ChunkedResponseOpener responseOpener = requestSealer.CreateResponseOpener();
        Assert.Equal(chunks, ChunkedMessageTests.OpenAll(responseOpener, ChunkedMessageTests.SealAll(responseSealer, chunks), step));
    }

    private static GatewayKey Key() => new(7, WideKem.Row.Generate(), [SymmetricSuite.Aes128Gcm, SymmetricSuite.ChaCha20Poly1305]);
}
