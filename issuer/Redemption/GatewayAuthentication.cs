using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Veil.Issuer;

/// <summary>Tells which configured gateway calls. Every configured proof is compared, each in constant time.</summary>
internal sealed class GatewayAuthentication(RedemptionOptions options)
{
    private readonly List<(string Name, byte[] Hash)> _bySecret = Proofs(options, gateway => gateway.TokenSha256);
    private readonly List<(string Name, byte[] Hash)> _byCertificate = Proofs(options, gateway => gateway.CertificateSpkiSha256);

    /// <summary>The gateway's name, or null.</summary>
    public string? Identify(HttpContext context)
    {
        if (context.Connection.ClientCertificate is { } certificate && Find(_byCertificate, SpkiHash(certificate)) is { } known)
            return known;
        return Bearer.TryRead(context.Request.Headers, out string? secret) ? Find(_bySecret, SHA256.HashData(Encoding.UTF8.GetBytes(secret))) : null;
    }

    /// <summary>True when a TLS client certificate is a gateway's.</summary>
    public bool IsPinned(X509Certificate2 certificate) => Find(_byCertificate, SpkiHash(certificate)) is not null;

    /// <summary>What a certificate's key is pinned by: SHA-256 of its SubjectPublicKeyInfo.</summary>
    public static byte[] SpkiHash(X509Certificate2 certificate) => SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    private static List<(string Name, byte[] Hash)> Proofs(RedemptionOptions options, Func<GatewayOptions, string?> proof) =>
        [.. options.Gateways.Where(gateway => proof(gateway) is not null).Select(gateway => (gateway.Name!, Convert.FromHexString(proof(gateway)!)))];

    private static string? Find(List<(string Name, byte[] Hash)> proofs, ReadOnlySpan<byte> hash)
    {
        string? found = null;
        foreach ((string name, byte[] known) in proofs)
        {
            if (CryptographicOperations.FixedTimeEquals(known, hash))
                found = name;
        }

        return found;
    }
}
