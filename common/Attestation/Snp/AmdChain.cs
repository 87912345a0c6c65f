using System.Diagnostics.CodeAnalysis;

namespace Veil.Attestation.Snp;

/// <summary>
/// Root (ARK), intermediate (ASK, or ASVK for a VLEK) and endorsement key (VCEK or VLEK), picked by name from the endorsements
/// that a host handed over. Names only sort them; <see cref="IsSigned"/> and the pin of the root make them trusted.
/// </summary>
internal sealed class AmdChain
{
    private const string RootPrefix = "ARK-";

    private AmdChain(ProductLine product, ParsedCertificate root, ParsedCertificate intermediate, ParsedCertificate endorsementKey)
    {
        Product = product;
        Root = root;
        Intermediate = intermediate;
        EndorsementKey = endorsementKey;
    }

    /// <summary>The product line in the root's name.</summary>
    public ProductLine Product { get; }

    /// <summary>The ARK.</summary>
    public ParsedCertificate Root { get; }

    /// <summary>The ASK or ASVK.</summary>
    public ParsedCertificate Intermediate { get; }

    /// <summary>The VCEK or VLEK.</summary>
    public ParsedCertificate EndorsementKey { get; }

    /// <summary>The last instant at which all three are valid.</summary>
    public DateTimeOffset NotAfter => new[] { Root.NotAfter, Intermediate.NotAfter, EndorsementKey.NotAfter }.Min();

    /// <summary>The first instant at which all three are valid.</summary>
    public DateTimeOffset NotBefore => new[] { Root.NotBefore, Intermediate.NotBefore, EndorsementKey.NotBefore }.Max();

    /// <summary>True when all three are valid at <paramref name="now"/>.</summary>
    public bool IsValidAt(DateTimeOffset now) => Root.IsValidAt(now) && Intermediate.IsValidAt(now) && EndorsementKey.IsValidAt(now);

    /// <summary>Finds the three certificates for a report signed by <paramref name="signingKey"/>; one of each, no two alike in name.</summary>
    /// <param name="endorsements">Untrusted; certificates with other names are not looked at.</param>
    /// <param name="signingKey">VCEK or VLEK.</param>
    /// <param name="scope">What was parsed before.</param>
    /// <param name="chain">The three.</param>
    /// <param name="found">The names that were there, for people.</param>
    public static bool TryFind(IReadOnlyList<Endorsement> endorsements, SnpSigningKey signingKey, AppraisalScope scope, [NotNullWhen(true)] out AmdChain? chain, out string found)
    {
        chain = null;
        var byName = new Dictionary<string, ParsedCertificate>(StringComparer.Ordinal);
        foreach (Endorsement endorsement in endorsements.Where(endorsement => endorsement.MediaType == Endorsement.CertificateMediaType))
        {
            if (scope.Parse(endorsement.Bytes, ParsedCertificate.ParseOrNull) is not { } certificate)
            {
                found = "a malformed certificate";
                return false;
            }

            if (!byName.TryAdd(certificate.CommonName, certificate))
            {
                found = $"two certificates of one name: {certificate.CommonName}";
                return false;
            }
        }

        found = byName.Count == 0 ? "none" : string.Join(", ", byName.Keys);

        (string leafName, string intermediatePrefix) = signingKey is SnpSigningKey.Vlek ? ("SEV-VLEK", "SEV-VLEK-") : ("SEV-VCEK", "SEV-");
        if (byName.Keys.Where(name => name.StartsWith(RootPrefix, StringComparison.Ordinal)).ToArray() is [string rootName]
            && TryReadProduct(rootName[RootPrefix.Length..], out ProductLine product)
            && byName.TryGetValue(intermediatePrefix + product, out ParsedCertificate? intermediate)
            && byName.TryGetValue(leafName, out ParsedCertificate? leaf))
        {
            chain = new(product, byName[rootName], intermediate, leaf);
        }

        return chain is not null;
    }

    /// <summary>True when each certificate names and is signed by the one above it, the root by itself, and the authorities are authorities.</summary>
    public bool IsSigned(AppraisalScope scope) =>
        IsIssued(Root, by: Root, scope) && IsIssued(Intermediate, by: Root, scope) && IsIssued(EndorsementKey, by: Intermediate, scope)
        && Root.IsAuthority && Intermediate.IsAuthority && !EndorsementKey.IsAuthority;

    private static bool TryReadProduct(string name, out ProductLine product)
    {
        product = name switch
        {
            nameof(ProductLine.Milan) => ProductLine.Milan,
            nameof(ProductLine.Genoa) => ProductLine.Genoa,
            nameof(ProductLine.Turin) => ProductLine.Turin,
            _ => ProductLine.Unknown,
        };
        return product is not ProductLine.Unknown;
    }

    private static bool IsIssued(ParsedCertificate certificate, ParsedCertificate by, AppraisalScope scope) =>
        !certificate.HasUnknownCriticalExtension
        && certificate.Issuer.Span.SequenceEqual(by.Subject.Span)
        && scope.Known.Verify(by, certificate.Signed, static (key, signed) => key.IsRsa && key.VerifyCertificate(signed.Data, signed.Signature));
}
