using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.ServiceDefaults;

/// <summary>Certificates and keys from PEM files.</summary>
public static class PemCertificate
{
    /// <summary>Loads a certificate with its key and the intermediates behind it, ready for many handshakes. Nothing is fetched.</summary>
    /// <param name="certificateFile">The leaf, then its intermediates.</param>
    /// <param name="keyFile">The leaf's unencrypted private key.</param>
    /// <exception cref="StartupException">A file is unreadable, not PEM, or the key is another certificate's.</exception>
    public static SslStreamCertificateContext Load(string certificateFile, string keyFile)
    {
        try
        {
            X509Certificate2 leaf = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            chain.RemoveAt(0);
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException($"cannot use the certificate {certificateFile} with the key {keyFile}: {failure.Message}");
        }
    }

    /// <summary>Loads the certificates of a PEM file as trust anchors.</summary>
    /// <exception cref="StartupException">The file is unreadable or holds no certificate.</exception>
    public static X509Certificate2Collection LoadRoots(string rootsFile)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(rootsFile);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot read the root certificates of {rootsFile}: {failure.Message}");
        }
        return roots.Count > 0 ? roots : throw new StartupException($"{rootsFile} holds no PEM certificate");
    }
}
