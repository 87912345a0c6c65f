using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.HostAgent.Identity;

/// <summary>TLS with the active identity's certificate, for gateways that the options name by key and for nobody else.</summary>
internal sealed class RatlsServerTls : IServerTls
{
    private readonly IdentityRing _ring;
    private readonly byte[][] _gateways;
    private SslServerAuthenticationOptions? _current;

    public RatlsServerTls(IdentityRing ring, IOptions<HostOptions> options)
    {
        _ring = ring;
        _gateways = [.. options.Value.Gateways.Select(gateway => Convert.FromHexString(gateway.CertificateSpkiSha256!))];
    }

    /// <inheritdoc/>
    public SslServerAuthenticationOptions ForConnection()
    {
        SslStreamCertificateContext context = _ring.Active.TlsContext;
        SslServerAuthenticationOptions? current = Volatile.Read(ref _current);
        if (current?.ServerCertificateContext != context)
        {
            current = Create(context);
            Volatile.Write(ref _current, current);
        }

        return current;
    }

    private SslServerAuthenticationOptions Create(SslStreamCertificateContext context) => new()
    {
        ServerCertificateContext = context,
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,

        // A resumed session would carry an old epoch's verdict into a new one.
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 gateway && IsGateway(gateway),
    };

    private bool IsGateway(X509Certificate2 certificate)
    {
        byte[] spki = SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        bool known = false;
        foreach (byte[] gateway in _gateways)
            known |= CryptographicOperations.FixedTimeEquals(gateway, spki);
        return known;
    }
}
