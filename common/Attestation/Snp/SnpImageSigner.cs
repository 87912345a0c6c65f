namespace Veil.Attestation.Snp;

/// <summary>
/// Whose images are accepted instead of exact measurements: those launched with an ID block that is signed by this ID key, or by an ID key that this author key
/// has signed, from a version on. Digests are SHA-384 over AMD's key structure, 48 bytes. At least one of the two is named; both must match where both are.
/// </summary>
public sealed record SnpImageSigner
{
    /// <summary>ID_KEY_DIGEST; null for any ID key of the author.</summary>
    public ReadOnlyMemory<byte>? IdKeyDigest { get; init; }

    /// <summary>AUTHOR_KEY_DIGEST, which counts only where the report says that there is an author key; null where it is not looked at.</summary>
    public ReadOnlyMemory<byte>? AuthorKeyDigest { get; init; }

    /// <summary>Least GUEST_SVN: images below it were replaced for a reason.</summary>
    public required uint MinimumGuestSvn { get; init; }

    /// <summary>True when the report's image is by these keys; its version is not looked at.</summary>
    internal bool Signed(SnpReport report) =>
        (IdKeyDigest is not null || AuthorKeyDigest is not null)
        && Matches(IdKeyDigest, report.IdKeyDigest, isPresent: true)
        && Matches(AuthorKeyDigest, report.AuthorKeyDigest, report.HasAuthorKey);

    /// <summary>A zero digest says that there is no key.</summary>
    private static bool Matches(ReadOnlyMemory<byte>? wanted, ReadOnlySpan<byte> found, bool isPresent) =>
        wanted is not { } digest || (isPresent && found.ContainsAnyExcept((byte)0) && digest.Span.SequenceEqual(found));
}
