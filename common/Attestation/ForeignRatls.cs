using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using System.Security.Cryptography;
using Veil.Attestation.Tdx;

namespace Veil.Attestation;

/// <summary>
/// A quote in a certificate of other projects, read for people who want to know what a machine says; no host of ours shows one. Interoperable RA-TLS has in the extension of TCG
/// DICE <c>60000([quote, claims])</c>, where the claims are a CBOR map with <c>"pubkey-hash": &lt;&lt;[algorithm, hash]&gt;&gt;</c> and the quote is over their SHA-256; old Gramine has the bare
/// quote, over the SHA-256 of the key.
/// </summary>
public sealed class ForeignRatls
{
    private const ulong TaggedEvidence = 60000;
    private const int MaxClaims = 4096;
    private const int MaxMembers = 16;
    private const string KeyHashName = "pubkey-hash";

    /// <summary>Gramine's identifier as it is written and, with its first bytes doubled, as it is found.</summary>
    private static readonly string[] GramineOids = ["1.2.840.113741.1337.6", "0.6.9.42.840.113741.1337.6"];

    private readonly byte[] _keyHash;
    private readonly HashAlgorithmName _algorithm;

    private ForeignRatls(ReadOnlyMemory<byte> quote, byte[] boundHash, byte[] keyHash, HashAlgorithmName algorithm)
    {
        byte[] boundValue = new byte[HostClaims.BoundValueSize];
        boundHash.CopyTo(boundValue, 0);
        (Evidence, BoundValue, _keyHash, _algorithm) = (new(TdxQuote.MediaType, quote), boundValue, keyHash, algorithm);
    }

    /// <summary>The quote; one of an SGX enclave is refused by name when it is appraised.</summary>
    public Evidence Evidence { get; }

    /// <summary>What the quote has to be over, 64 bytes.</summary>
    public ReadOnlyMemory<byte> BoundValue { get; }

    /// <summary>Reads a certificate.</summary>
    /// <param name="certificate">Untrusted, DER.</param>
    /// <param name="evidence">What it carries.</param>
    public static bool TryRead(ReadOnlyMemory<byte> certificate, [NotNullWhen(true)] out ForeignRatls? evidence)
    {
        evidence = ParsedCertificate.TryParse(certificate, out ParsedCertificate? leaf) ? Read(leaf) : null;
        return evidence is not null;
    }

    /// <summary>Appraises a certificate with a quote.</summary>
    /// <param name="certificate">Untrusted, DER.</param>
    /// <param name="endorsements">Untrusted: the manufacturer's collateral.</param>
    /// <param name="policy">What is accepted; null judges the hardware alone.</param>
    /// <param name="context">The verifier's time and memory.</param>
    public static Verdict Appraise(ReadOnlyMemory<byte> certificate, IReadOnlyList<Endorsement> endorsements, AppraisalPolicy? policy, AppraisalContext context)
    {
        ArgumentNullException.ThrowIfNull(endorsements);
        ArgumentNullException.ThrowIfNull(context);
        var checks = new VerdictBuilder();
        ForeignRatls? foreign = null;
        using (checks.Open(GroupNames.Connection))
        {
            bool parsed = ParsedCertificate.TryParse(certificate, out ParsedCertificate? leaf);
            if (checks.Check(CheckNames.Certificate, parsed, $"{certificate.Length} bytes", "one X.509 version 3 certificate, each extension once", "TLS leaf") && leaf is not null)
            {
                checks.Check(CheckNames.CertificateValidity, leaf.IsValidAt(context.Now), $"{leaf.NotBefore:u} to {leaf.NotAfter:u}", $"valid at {context.Now:u}", "TLS leaf validity");
                checks.Check(CheckNames.CertificateSignature, EcSignature.VerifyOwn(leaf.Spki.Span, leaf.Tbs.Span, leaf.Signature.Span), leaf.CommonName, "signed by its own key", "TLS leaf signature");
                foreign = Read(leaf);
                if (checks.CheckParsed(CheckNames.HostRecord, foreign is not null, AttestationError.BadRecord, "TLS leaf evidence") && foreign is not null)
                {
                    byte[] key = CryptographicOperations.HashData(foreign._algorithm, leaf.Spki.Span);
                    checks.Check(CheckNames.TlsKey, CryptographicOperations.FixedTimeEquals(key, foreign._keyHash), Convert.ToHexStringLower(key), Convert.ToHexStringLower(foreign._keyHash), "TLS leaf public key");
                }
            }
        }

        if (foreign is not null)
        {
            var scope = new AppraisalScope(foreign.BoundValue, IsHardwareOnly: policy is null, context.Now, context.Known);
            EvidenceAppraiser.Appraise(foreign.Evidence, endorsements, policy ?? EvidenceAppraisal.Hardware, scope, checks);
        }

        return checks.ToVerdict();
    }

    private static ForeignRatls? Read(ParsedCertificate leaf)
    {
        if (leaf.Extensions.TryGetValue(RatlsExtension.Oid, out ReadOnlyMemory<byte> tagged))
        {
            try
            {
                return ReadTagged(new CborReader(tagged, CborConformanceMode.Strict));
            }
            catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
            {
                // CborReader's way to say that the bytes are not CBOR (content) or not what was asked for (operation, overflow).
                return null;
            }
        }

        // The quote binds the key itself: what it is over is the hash that the key must have.
        foreach (string oid in GramineOids)
        {
            if (leaf.Extensions.TryGetValue(oid, out ReadOnlyMemory<byte> quote))
            {
                byte[] key = leaf.SpkiSha256;
                return new(quote, key, key, HashAlgorithmName.SHA256);
            }
        }

        return null;
    }

    private static ForeignRatls? ReadTagged(CborReader reader)
    {
        if ((ulong)reader.ReadTag() != TaggedEvidence || reader.ReadStartArray() != 2)
        {
            return null;
        }

        ReadOnlyMemory<byte> quote = reader.ReadDefiniteLengthByteString();
        ReadOnlyMemory<byte> claims = reader.ReadDefiniteLengthByteString();
        reader.ReadEndArray();
        return reader.BytesRemaining is 0 && claims.Length <= MaxClaims && ReadKeyHash(claims) is (var algorithm, { } hash)
            ? new(quote, SHA256.HashData(claims.Span), hash, algorithm)
            : null;
    }

    /// <summary>The key's hash out of the claims; others are passed over, and no name stands twice.</summary>
    private static (HashAlgorithmName Algorithm, byte[]? Hash) ReadKeyHash(ReadOnlyMemory<byte> claims)
    {
        var reader = new CborReader(claims, CborConformanceMode.Strict);
        if (reader.ReadStartMap() is not { } count || count > MaxMembers)
        {
            return default;
        }

        (HashAlgorithmName Algorithm, byte[]? Hash) found = default;
        for (int i = 0; i < count; i++)
        {
            if (reader.ReadTextString() is KeyHashName)
            {
                found = ReadHash(reader.ReadDefiniteLengthByteString());
            }
            else
            {
                reader.SkipValue();
            }
        }

        reader.ReadEndMap();
        return reader.BytesRemaining is 0 ? found : default;
    }

    private static (HashAlgorithmName Algorithm, byte[]? Hash) ReadHash(ReadOnlyMemory<byte> source)
    {
        var reader = new CborReader(source, CborConformanceMode.Strict);
        if (reader.ReadStartArray() != 2)
        {
            return default;
        }

        // Named information hash algorithms (IANA): 1, 7 and 8.
        (HashAlgorithmName algorithm, int size) = reader.ReadUInt32() switch
        {
            1 => (HashAlgorithmName.SHA256, SHA256.HashSizeInBytes),
            7 => (HashAlgorithmName.SHA384, SHA384.HashSizeInBytes),
            8 => (HashAlgorithmName.SHA512, SHA512.HashSizeInBytes),
            _ => (default, -1),
        };
        byte[] hash = reader.ReadDefiniteLengthByteString().ToArray();
        reader.ReadEndArray();
        return reader.BytesRemaining is 0 && hash.Length == size ? (algorithm, hash) : default;
    }
}
