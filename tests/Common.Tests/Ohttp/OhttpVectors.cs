using System.Text.Json;
using Veil.Hpke;
using Veil.Ohttp;

namespace Veil.Common.Tests.Ohttp;

/// <summary>What the vector files of plain and chunked Oblivious HTTP have in common.</summary>
internal static class OhttpVectors
{
    internal static JsonElement Plain { get; } = VectorFile.Open("rfc9458/ohttp-rfc9458.json");

    internal static JsonElement Chunked { get; } = VectorFile.Open("draft-ietf-ohai-chunked-ohttp-08/ohttp-chunked-draft08.json");

    /// <summary>The RFC's own exchange and those for the other suites.</summary>
    internal static IEnumerable<JsonElement> Exchanges(JsonElement file) => [file.GetProperty("transcript"), .. file.GetProperty("other_suites").EnumerateArray()];

    /// <summary>The key of an exchange with the suites of its configuration; the suite that it uses stands in the request's header.</summary>
    internal static GatewayKey Key(JsonElement exchange)
    {
        byte[] header = exchange.Hex("encapsulated_request");
        KeyConfig? config = null;
        if (exchange.TryGetProperty("key_config", out _))
            Assert.True(KeyConfig.TryParse(exchange.Hex("key_config"), out config, out _));

        SymmetricSuite[] suites = config is null ? [Suite(exchange)] : [.. config.Suites];
        var key = GatewayKey.Import(header[0], KemId(header), exchange.Hex("gateway_sk"), suites);
        if (config is not null)
            Assert.Equal(exchange.Hex("key_config"), key.Config.Write());
        return key;
    }

    /// <summary>The suite that an exchange uses.</summary>
    internal static SymmetricSuite Suite(JsonElement exchange)
    {
        byte[] header = exchange.Hex("encapsulated_request");
        return new((ushort)((header[3] << 8) | header[4]), (ushort)((header[5] << 8) | header[6]));
    }

    /// <summary>The client's ephemeral key.</summary>
    internal static KemPrivateKey Ephemeral(JsonElement exchange) =>
        Kem.Find(KemId(exchange.Hex("encapsulated_request")))!.Import(exchange.Hex("ephemeral_sk"))!;

    /// <summary>The response nonce, which stands in front of the response.</summary>
    internal static byte[] ResponseNonce(JsonElement exchange) =>
        exchange.Hex("encapsulated_response")[..(Suite(exchange) == SymmetricSuite.Aes128Gcm ? 16 : 32)];

    private static ushort KemId(byte[] header) => (ushort)((header[1] << 8) | header[2]);
}
