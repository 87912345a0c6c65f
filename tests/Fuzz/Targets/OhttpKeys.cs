using Veil.Ohttp;

namespace Veil.Fuzz.Targets;

/// <summary>The gateway keys of RFC 9458's appendix A and of the chunked draft's, so that the corpus may hold requests that open.</summary>
internal static class OhttpKeys
{
    internal static GatewayKey Plain { get; } = Import("3c168975674b2fa8e465970b79c8dcf09f1c741626480bd4c6162fc5b6a98e1a");

    internal static GatewayKey Chunked { get; } = Import("1c190d72acdbe4dbc69e680503bb781a932c70a12c8f3754434c67d8640d8698");

    private static GatewayKey Import(string privateKey) =>
        GatewayKey.Import(1, 0x0020, Convert.FromHexString(privateKey), SymmetricSuite.Aes128Gcm, SymmetricSuite.ChaCha20Poly1305);
}
