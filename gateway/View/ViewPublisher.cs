using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Veil.Attestation;
using Veil.Gateway.Hosts;
using Veil.Gateway.Keys;
using Veil.Gateway.Services;
using Veil.Gateway.Tokens;
using Veil.ServiceDefaults;

namespace Veil.Gateway.View;

/// <summary>Keeps the signed view in step with the keys, the issuer, the hosts and the time. It is signed once a change, not once a request.</summary>
internal sealed class ViewPublisher(
    IOptions<GatewayOptions> gateway,
    IOptions<ServerOptions> server,
    IOptions<ViewOptions> options,
    OhttpKeys keys,
    IssuerKeys issuer,
    TokenGate gate,
    HostPools hosts,
    TimeProvider time,
    ILogger<ViewPublisher> logger)
{
    private readonly Lock _lock = new();
    private byte[] _document = [];
    private DateTime _certificateWritten;
    private volatile byte[]? _signed;

    /// <summary>The signed view as of now; null where this gateway has no certificate to sign with or no active key, or none was made yet.</summary>
    public ReadOnlyMemory<byte>? Current()
    {
        if (server.Value.CertificateFile is not { } certificate || server.Value.KeyFile is not { } key || keys.Advertised is not { } advertised)
            return null;

        byte[] document = Document(advertised);
        lock (_lock)
        {
            DateTime written = File.GetLastWriteTimeUtc(certificate);
            if (_signed is null || written != _certificateWritten || !document.AsSpan().SequenceEqual(_document))
                Sign(document, certificate, key, written);
            return _signed;
        }
    }

    private byte[] Document(AdvertisedKeys advertised)
    {
        DateTimeOffset now = time.GetUtcNow();
        return new GatewayView
        {
            Authority = gateway.Value.Authority,
            NotBefore = options.Value.NotBefore(now),
            NotAfter = options.Value.NotAfter(now),
            Keys = advertised.Bytes,
            PreviousKeys = advertised.Previous,
            Issuer = issuer.Current?.Directory ?? default,
            Challenge = gate.Challenge,
            Services = [.. gateway.Value.Services.Select(View)],
        }.Write();
    }

    private ServiceView View(ServiceOptions service) => new(
        service.Authority,
        service.Price,
        [.. hosts.Of(service.Authority).Healthy().Select(host => host.Host.Record.EncodedClaims).OrderBy(claims => Convert.ToHexString(claims.Span), StringComparer.Ordinal)]);

    private void Sign(byte[] document, string certificate, string key, DateTime written)
    {
        try
        {
            SslStreamCertificateContext context = PemCertificate.Load(certificate, key);
            X509Certificate2[] chain = [context.TargetCertificate, .. context.IntermediateCertificates];
            _signed = SignedView.Sign(chain, document);
            _document = document;
            _certificateWritten = written;
        }
        catch (Exception failure) when (failure is StartupException or CryptographicException or ArgumentException)
        {
            // A renewal caught halfway: the last view serves until the pair is whole.
            logger.ViewFailed(failure.GetType().Name);
        }
    }
}
