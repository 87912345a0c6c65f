using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Veil.ServiceDefaults;

/// <summary>Whom a service trusts when it calls another party, and how it shows itself. Used as a property of a service's options.</summary>
public sealed class OutboundTlsOptions
{
    /// <summary>PEM file with the only root certificates trusted for this call. Default: the system's roots.</summary>
    [ReadableFile]
    public string? TrustedRootsFile { get; init; }

    /// <summary>PEM file with the client certificate shown to the other party. Default none.</summary>
    [ReadableFile]
    public string? ClientCertificateFile { get; init; }

    /// <summary>PEM file with the unencrypted private key of <see cref="ClientCertificateFile"/>; given with it or not at all.</summary>
    [ReadableFile]
    public string? ClientKeyFile { get; init; }

    /// <summary>Makes the TLS settings: names are checked, revocation is not fetched (short-lived certificates are the means).</summary>
    /// <exception cref="StartupException">A file cannot be used, or certificate and key do not come together.</exception>
    public SslClientAuthenticationOptions ToAuthenticationOptions()
    {
        if (ClientCertificateFile is null != ClientKeyFile is null)
            throw new StartupException("ClientCertificateFile and ClientKeyFile are given together or not at all");
        var options = new SslClientAuthenticationOptions { CertificateRevocationCheckMode = X509RevocationMode.NoCheck };
        if (TrustedRootsFile is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(PemCertificate.LoadRoots(TrustedRootsFile));
        }
        if (ClientCertificateFile is not null)
            options.ClientCertificateContext = PemCertificate.Load(ClientCertificateFile, ClientKeyFile!);
        return options;
    }
}
