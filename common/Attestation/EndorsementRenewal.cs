using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;

namespace Veil.Attestation;

/// <summary>Newer endorsements in the place of a machine's own, for people who want to know what they will change. Nothing is trusted by it: the result is appraised as any other.</summary>
public static class EndorsementRenewal
{
    /// <summary>
    /// What a machine would show if it had these. For TDX a document takes the place of the one of its kind, a certificate of the root's that of the same subject, and a revocation list of an authority
    /// in the machine's own chain that of the same issuer; what has no counterpart is added. For SEV-SNP the lists of its own chain count alone.
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
            TdxQuote.MediaType => [.. newer.Where(endorsement => IsForTdx(endorsement, AuthoritiesOf(evidence)))],
            SnpReport.MediaType => [.. newer.Where(endorsement => IsListOf(endorsement, AuthoritiesAmong(own)))],
            _ => [],
        };
        return taken.Length == 0 ? own : [.. own.Where(old => !Array.Exists(taken, renewed => IsInPlaceOf(renewed, old))), .. taken];
    }

    private static bool IsForTdx(Endorsement endorsement, IReadOnlyList<ReadOnlyMemory<byte>> authorities) => endorsement.MediaType switch
    {
        TdxMediaTypes.TcbInfo or TdxMediaTypes.EnclaveIdentity => true,
        Endorsement.CertificateMediaType => ParsedCertificate.ParseOrNull(endorsement.Bytes) is { } certificate && Holds(authorities, certificate.Issuer),
        _ => IsListOf(endorsement, authorities),
    };

    private static bool IsListOf(Endorsement endorsement, IReadOnlyList<ReadOnlyMemory<byte>> authorities) =>
        endorsement.MediaType == Endorsement.RevocationListMediaType && NameOf(endorsement) is { } issuer && Holds(authorities, issuer);

    private static bool Holds(IReadOnlyList<ReadOnlyMemory<byte>> names, ReadOnlyMemory<byte> name) => names.Any(known => known.Span.SequenceEqual(name.Span));

    /// <summary>Subjects in a quote's own chain; none where it has none.</summary>
    private static IReadOnlyList<ReadOnlyMemory<byte>> AuthoritiesOf(Evidence evidence) =>
        TdxQuote.TryParse(evidence.Bytes, out TdxQuote? quote, out _) && IntelChain.TryParse(quote.CertificateChain.Span, out IntelChain? chain, out _)
            ? [chain.Authority.Subject, chain.Root.Subject]
            : [];

    private static IReadOnlyList<ReadOnlyMemory<byte>> AuthoritiesAmong(IReadOnlyList<Endorsement> own) =>
        [.. own.Where(endorsement => endorsement.MediaType == Endorsement.CertificateMediaType).Select(NameOf).OfType<ReadOnlyMemory<byte>>()];

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
