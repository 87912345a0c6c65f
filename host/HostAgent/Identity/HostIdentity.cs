using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;
using Veil.Sealing;
using Veil.Transparency;

namespace Veil.HostAgent.Identity;

/// <summary>
/// The keys of one epoch with the evidence that binds them: a TLS key and a sealing key that exist nowhere but in this process' memory, the claims
/// that name both, and the certificate that carries claims and evidence.
/// </summary>
public sealed class HostIdentity : IDisposable
{
    private readonly SealingKey _sealingKey;
    private readonly X509Certificate2 _certificate;

    private HostIdentity(HostRecord record, SealingKey sealingKey, X509Certificate2 certificate)
    {
        Record = record;
        _sealingKey = sealingKey;
        _certificate = certificate;
        TlsContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    /// <summary>Claims, evidence and endorsements.</summary>
    public HostRecord Record { get; }

    /// <summary>The certificate with its key, ready for handshakes.</summary>
    public SslStreamCertificateContext TlsContext { get; }

    /// <summary>Draws new keys and has the TEE vouch for them.</summary>
    /// <param name="service">The authority that the host answers for.</param>
    /// <param name="serial">The key's number in its ring; its low byte is the key id of the key configuration.</param>
    /// <param name="period">The epoch and the time in which the claims hold.</param>
    /// <param name="checkpoint">The log's newest checkpoint, which proves that the claims are no older; null where there is no log.</param>
    /// <param name="attester">The TEE.</param>
    /// <exception cref="AttesterException">The TEE did not answer.</exception>
    public static HostIdentity Create(string service, ulong serial, IdentityPeriod period, Checkpoint? checkpoint, IAttester attester)
    {
        ArgumentNullException.ThrowIfNull(period);
        ArgumentNullException.ThrowIfNull(attester);
        using ECDsa tlsKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SealingKey sealingKey = SealingKey.Generate(unchecked((byte)serial));
        try
        {
            byte[] claims = new HostClaims
            {
                Id = RandomNumberGenerator.GetBytes(HostClaims.IdSize),
                Epoch = period.Epoch,
                NotBefore = period.NotBefore,
                NotAfter = period.NotAfter,
                CheckpointSize = (ulong)(checkpoint?.Size ?? 0),
                CheckpointRoot = checkpoint?.Root ?? HostClaims.NoCheckpoint,
                Service = service,
                TlsSpkiSha256 = SHA256.HashData(tlsKey.ExportSubjectPublicKeyInfo()),
                KeyConfig = sealingKey.KeyConfig,
                AcceptsPlainRequests = true,
            }.Encode();
            AttestedValue attested = attester.Attest(HostClaims.BoundValue(claims));
            if (attested.Endorsements.Count > HostRecord.MaxEndorsements)
                throw new AttesterException($"the evidence has {attested.Endorsements.Count} endorsements, at most {HostRecord.MaxEndorsements} fit into a record: leave out what no verifier needs");
            var record = new HostRecord(claims, attested.Evidence, attested.Endorsements);
            if (record.Encode().Length is var size && size > HostRecord.MaxSize)
                throw new AttesterException($"the evidence makes a record of {size} bytes, verifiers read at most {HostRecord.MaxSize}: leave out endorsements that no verifier needs");
            return new(record, sealingKey, Certify(tlsKey, record, period));
        }
        catch
        {
            sealingKey.Dispose();
            throw;
        }
    }

    /// <summary>Erases the keys.</summary>
    public void Dispose()
    {
        _sealingKey.Dispose();
        _certificate.Dispose();
    }

    private static X509Certificate2 Certify(ECDsa key, HostRecord record, IdentityPeriod period)
    {
        var request = new CertificateRequest("CN=Veil host", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(RatlsExtension.Create(record));
        return request.CreateSelfSigned(period.NotBefore, period.NotAfter);
    }
}
