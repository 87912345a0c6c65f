using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Wire;

namespace Veil.Attestation;

/// <summary>
/// A gateway's own copy of what its clients rely on, signed with the key of the gateway's TLS certificate. A client that reaches the gateway
/// through a relay only can so check that the bytes are the gateway's: it judges chain and name as a TLS client would, without a connection.
/// <code>
/// signed-view := 01 | count(1) | lp16(certificate, DER, leaf first) * count | length(4) | document | lp16(signature)
/// signed      := 20 * 64 | "veil gateway view v1" | 00 | document
/// </code>
/// The signature is ECDSA with SHA-256 (P-256) or SHA-384 (P-384) in DER form, or RSASSA-PSS with SHA-256. The 64 spaces and the label are the
/// construction of TLS 1.3's CertificateVerify with a label of our own, so that neither signature can stand for the other.
/// </summary>
public sealed class SignedView
{
    /// <summary>The media type of these bytes.</summary>
    public const string MediaType = "application/vnd.veil.signed-view";

    /// <summary>Longest chain: a leaf, two intermediates and a cross-signed one are in use; 8 leaves room.</summary>
    public const int MaxCertificates = 8;

    /// <summary>Longest document: 64 host records of 24 KiB in base64 and the keys stay below 4 MiB.</summary>
    public const int MaxDocumentSize = 4 << 20;

    private const byte Version = 1;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private SignedView(byte[] document) => Document = document;

    /// <summary>The document, exactly as signed. Holding it here means that chain, name and signature were checked.</summary>
    public ReadOnlyMemory<byte> Document { get; }

    /// <summary>Signs <paramref name="document"/> for travel.</summary>
    /// <param name="chain">Leaf first; the leaf holds its private key. At most <see cref="MaxCertificates"/>.</param>
    /// <param name="document">At most <see cref="MaxDocumentSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The chain is empty or too long, the document too long, or the leaf's key missing or of another kind.</exception>
    public static byte[] Sign(IReadOnlyList<X509Certificate2> chain, ReadOnlySpan<byte> document)
    {
        ArgumentNullException.ThrowIfNull(chain);
        if (chain.Count is 0 or > MaxCertificates)
        {
            throw new ArgumentException($"A chain has 1 to {MaxCertificates} certificates.", nameof(chain));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(document.Length, MaxDocumentSize, nameof(document));
        byte[] signature = SignInput(chain[0], SignatureInput(document));
        int size = 1 + 1 + chain.Sum(certificate => 2 + certificate.RawDataMemory.Length) + 4 + document.Length + 2 + signature.Length;
        byte[] output = new byte[size];
        var writer = new WireWriter(output);
        writer.WriteByte(Version);
        writer.WriteByte((byte)chain.Count);
        foreach (X509Certificate2 certificate in chain)
        {
            writer.WriteVector16(certificate.RawDataMemory.Span);
        }

        writer.WriteUInt32((uint)document.Length);
        writer.WriteBytes(document);
        writer.WriteVector16(signature);
        return output;
    }

    /// <summary>Opens a signed view: parses it, checks the chain and the name as a TLS client would, then the signature.</summary>
    /// <param name="source">Untrusted; bytes left over are an error.</param>
    /// <param name="host">The DNS name or address that the leaf must carry as a subject alternative name.</param>
    /// <param name="trustedRoots">The only roots that count, or null for the system's.</param>
    /// <param name="now">The time at which the chain must be valid. Revocation is not asked for: the client contacts nobody here.</param>
    /// <param name="view">The view, when nothing was wrong.</param>
    /// <param name="error">What was wrong.</param>
    public static bool TryOpen(
        ReadOnlySpan<byte> source,
        string host,
        X509Certificate2Collection? trustedRoots,
        DateTimeOffset now,
        [NotNullWhen(true)] out SignedView? view,
        out SignedViewError error)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        view = null;
        var certificates = new List<X509Certificate2>();
        try
        {
            error = Open(source, host, trustedRoots, now, certificates, out byte[] document);
            view = error is SignedViewError.None ? new(document) : null;
            return view is not null;
        }
        catch (CryptographicException)
        {
            error = SignedViewError.BadCertificate;
            return false;
        }
        finally
        {
            certificates.ForEach(certificate => certificate.Dispose());
        }
    }

    private static SignedViewError Open(
        ReadOnlySpan<byte> source,
        string host,
        X509Certificate2Collection? trustedRoots,
        DateTimeOffset now,
        List<X509Certificate2> certificates,
        out byte[] document)
    {
        document = [];
        var reader = new WireReader(source);
        byte version = reader.ReadByte();
        int count = reader.ReadByte();
        if (reader.Failed || version != Version || count is 0)
        {
            return SignedViewError.Malformed;
        }

        if (count > MaxCertificates)
        {
            return SignedViewError.TooLarge;
        }

        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> certificate = reader.ReadVector16();
            if (certificate.IsEmpty)
            {
                return SignedViewError.Malformed;
            }

            certificates.Add(X509CertificateLoader.LoadCertificate(certificate));
        }

        uint length = reader.ReadUInt32();
        if (length > MaxDocumentSize)
        {
            return SignedViewError.TooLarge;
        }

        ReadOnlySpan<byte> signed = reader.Take((int)length);
        ReadOnlySpan<byte> signature = reader.ReadVector16();
        if (!reader.Completed)
        {
            return SignedViewError.Malformed;
        }

        if (!ChainIsTrusted(certificates, trustedRoots, now))
        {
            return SignedViewError.UntrustedChain;
        }

        if (!certificates[0].MatchesHostname(host, allowWildcards: true, allowCommonName: false))
        {
            return SignedViewError.WrongName;
        }

        SignedViewError error = VerifyInput(certificates[0], SignatureInput(signed), signature);
        document = error is SignedViewError.None ? signed.ToArray() : [];
        return error;
    }

    private static bool ChainIsTrusted(List<X509Certificate2> certificates, X509Certificate2Collection? trustedRoots, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.ExtraStore.AddRange(certificates.Skip(1).ToArray());
        if (trustedRoots is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(trustedRoots);
        }

        try
        {
            return chain.Build(certificates[0]);
        }
        finally
        {
            foreach (X509ChainElement element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    private static byte[] SignatureInput(ReadOnlySpan<byte> document)
    {
        ReadOnlySpan<byte> label = "veil gateway view v1\0"u8;
        byte[] input = new byte[64 + label.Length + document.Length];
        input.AsSpan(0, 64).Fill(0x20);
        label.CopyTo(input.AsSpan(64));
        document.CopyTo(input.AsSpan(64 + label.Length));
        return input;
    }

    private static byte[] SignInput(X509Certificate2 leaf, byte[] input)
    {
        using ECDsa? ecdsa = leaf.GetECDsaPrivateKey();
        if (ecdsa is not null && TryHashFor(ecdsa.KeySize, out HashAlgorithmName hash))
        {
            return ecdsa.SignData(input, hash, DSASignatureFormat.Rfc3279DerSequence);
        }

        using RSA? rsa = leaf.GetRSAPrivateKey();
        return rsa is { KeySize: >= 2048 }
            ? rsa.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)
            : throw new ArgumentException("The leaf holds no private key of ECDSA P-256 or P-384 or RSA of at least 2048 bits.", nameof(leaf));
    }

    private static SignedViewError VerifyInput(X509Certificate2 leaf, byte[] input, ReadOnlySpan<byte> signature)
    {
        bool valid;
        using ECDsa? ecdsa = leaf.GetECDsaPublicKey();
        if (ecdsa is not null && TryHashFor(ecdsa.KeySize, out HashAlgorithmName hash))
        {
            valid = ecdsa.VerifyData(input, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        else
        {
            using RSA? rsa = leaf.GetRSAPublicKey();
            if (rsa is not { KeySize: >= 2048 and <= 8192 })
            {
                return SignedViewError.BadCertificate;
            }

            valid = rsa.VerifyData(input, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        }

        return valid ? SignedViewError.None : SignedViewError.BadSignature;
    }

    private static bool TryHashFor(int curveBits, out HashAlgorithmName hash)
    {
        hash = curveBits is 384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
        return curveBits is 256 or 384;
    }
}
