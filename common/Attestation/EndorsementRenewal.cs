using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;

namespace Veil.Attestation;

/// <summary>Newer endorsements in the place of a machine's own, for people who want to know what they will change. Nothing is trusted by it: the result is appraised as any other.</summary>
public static class EndorsementRenewal
{
    /// <summary>
    /// What a machine would show if it had these. For TDX a document takes the place of the one of its kind, a certificate that of the same subject, a revocation list that of the same issuer, and what
    /// has no counterpart is added. For SEV-SNP the lists count alone, and only those of an authority in the machine's own chain.
    /// </summary>
    /// <param name="evidence">The machine's.</param>
    /// <param name="own">What it shows now.</param>
    /// <param name="newer">What is to be shown in its place.</param>
    /// <returns><paramref name="own"/> where nothing of the newer ones is for such a machine.</returns>
    public static IReadOnlyList<Endorsement> Renew(Evidence evidence, IReadOnlyList<Endorsement> own, IReadOnlyList<Endorsement> newer)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(newer);
        Endorsement[] taken = evidence.MediaType switch
        {
            TdxQuote.MediaType => [.. newer],
            SnpReport.MediaType => [.. newer.Where(endorsement => IsListOfOne(endorsement, own))],
            _ => [],
        };
        return taken.Length == 0 ? own : [.. own.Where(old => !Array.Exists(taken, renewed => IsInPlaceOf(renewed, old))), .. taken];
    }

    private static bool IsListOfOne(Endorsement endorsement, IReadOnlyList<Endorsement> own) =>
        endorsement.MediaType == Endorsement.RevocationListMediaType && NameOf(endorsement) is { } issuer
        && own.Any(certificate => certificate.MediaType == Endorsement.CertificateMediaType && NameOf(certificate) is { } subject && subject.Span.SequenceEqual(issuer.Span));

    private static bool IsInPlaceOf(Endorsement renewed, Endorsement old) =>
        renewed.MediaType == old.MediaType && NameOf(renewed) is { } name && NameOf(old) is { } oldName && name.Span.SequenceEqual(oldName.Span);

    /// <summary>What tells endorsements of one media type apart: a certificate's subject, a list's issuer, and nothing for documents; null for what is malformed.</summary>
    private static ReadOnlyMemory<byte>? NameOf(Endorsement endorsement) => endorsement.MediaType switch
    {
        Endorsement.CertificateMediaType => ParsedCertificate.ParseOrNull(endorsement.Bytes)?.Subject,
        Endorsement.RevocationListMediaType => CertificateRevocationList.ParseOrNull(endorsement.Bytes)?.Issuer,
        _ => ReadOnlyMemory<byte>.Empty,
    };
}
