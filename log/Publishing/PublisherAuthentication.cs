using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Options;

namespace Veil.TransparencyLog.Publishing;

/// <summary>Tells whether a configured publisher calls. Every configured proof is compared, each in constant time.</summary>
internal sealed class PublisherAuthentication(IOptions<LogOptions> options)
{
    private const string Scheme = "Bearer ";

    private readonly byte[][] _secrets = [.. options.Value.Publishers.Select(publisher => publisher.SecretSha256).OfType<string>().Select(Convert.FromHexString)];
    private readonly byte[][] _certificates = [.. options.Value.Publishers.Select(publisher => publisher.CertificateSpkiSha256).OfType<string>().Select(Convert.FromHexString)];

    /// <summary>True for a publisher's certificate; one of somebody else fails the handshake.</summary>
    public bool Accepts(X509Certificate2 certificate) => IsKnown(_certificates, SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>True when the request is a publisher's.</summary>
    public bool Admits(HttpContext context) =>
        (context.Connection.ClientCertificate is { } certificate && Accepts(certificate))
        || (context.Request.Headers.Authorization is [{ } field] && field.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && IsKnown(_secrets, SHA256.HashData(Encoding.UTF8.GetBytes(field[Scheme.Length..].Trim()))));

    private static bool IsKnown(byte[][] known, byte[] hash)
    {
        bool found = false;
        foreach (byte[] one in known)
            found |= CryptographicOperations.FixedTimeEquals(one, hash);
        return found;
    }
}
