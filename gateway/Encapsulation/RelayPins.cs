using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Veil.Gateway.Encapsulation;

/// <summary>The relays that are served, by the keys of their client certificates. No chain is built and no name is read: the key is the identity.</summary>
internal sealed class RelayPins(IOptions<GatewayOptions> options)
{
    private readonly bool _any = options.Value.AllowAnyRelay;
    private readonly FrozenSet<string> _pins = options.Value.Relays.Select(relay => relay.CertificateSpkiSha256).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a presented certificate passes the handshake.</summary>
    public bool Accepts(X509Certificate2 certificate) =>
        _any || _pins.Contains(Convert.ToHexString(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo())));

    /// <summary>Whether requests are taken on this connection: it showed a certificate, which the handshake has accepted.</summary>
    public bool Admits(HttpContext context) => _any || context.Connection.ClientCertificate is not null;
}
