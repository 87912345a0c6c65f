using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Ohttp;
using Veil.PrivacyPass;
using Veil.Transparency.Epochs;

namespace Veil.ClientSdk;

/// <summary>
/// What a witnessed epoch's documents say, once each was found by its hash and held to the rules of maturity: keys in use were announced one epoch before, releases
/// were public for as long as the trust bundle asks.
/// </summary>
internal sealed class EpochAgreement
{
    /// <summary>The hash of no bytes: what a head holds where no service asks for a token.</summary>
    private static readonly byte[] HashOfNothing = SHA256.HashData([]);

    private EpochAgreement(AuthorityPolicy policy, AuthorityPolicy maturePolicy, IReadOnlyList<Release> releases, IssuerDirectory? directory, TokenChallenge? challenge)
    {
        Policy = policy;
        MaturePolicy = maturePolicy;
        Releases = releases;
        Directory = directory;
        Challenge = challenge;
    }

    /// <summary>The services, their prices, and what their hosts must be.</summary>
    public AuthorityPolicy Policy { get; }

    /// <summary>What their hosts had to be in the head of the releases' age, and must still be: a policy that asks for less takes as long as a release.</summary>
    public AuthorityPolicy MaturePolicy { get; }

    /// <summary>The releases that are old enough.</summary>
    public IReadOnlyList<Release> Releases { get; }

    /// <summary>The issuer's keys; null where no service asks for a token.</summary>
    public IssuerDirectory? Directory { get; }

    /// <summary>The one challenge; null where no service asks for a token.</summary>
    public TokenChallenge? Challenge { get; }

    /// <summary>The configuration in use: the first of the package's, the same for every client, and announced in the head before.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="package">Where the keys document is.</param>
    /// <param name="key">The configuration.</param>
    /// <param name="error">Why there is none.</param>
    public static bool TryReadKey(WitnessedEpoch epoch, EpochPackage package, [NotNullWhen(true)] out KeyConfig? key, out EpochError error)
    {
        key = null;
        error = EpochError.WrongDocument;
        if (!Names(epoch.Head.Keys, package.Keys) || !KeyConfig.TryParseCollection(package.Keys.Span, out IReadOnlyList<KeyConfig>? configs, out _) || configs.Count is 0)
        {
            return false;
        }

        key = KeyConfig.Choose([configs[0]]);
        error = key is null ? EpochError.Malformed : EpochError.None;
        return key is not null;
    }

    /// <summary>Holds the documents to the heads.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="key">The OHTTP key in use.</param>
    /// <param name="documents">What the gateway gave; untrusted.</param>
    /// <param name="bundle">Whom to trust.</param>
    /// <param name="issuer">The issuer of the options; null when no token is drawn here.</param>
    /// <param name="now">The client's time.</param>
    /// <param name="agreement">What was agreed.</param>
    /// <param name="error">The first rule that was broken; <see cref="EpochError.None"/> when the failure is another.</param>
    /// <param name="failure">What failed.</param>
    public static bool TryAgree(
        WitnessedEpoch epoch,
        KeyConfig key,
        DocumentSet documents,
        TrustBundle bundle,
        Uri? issuer,
        DateTimeOffset now,
        [NotNullWhen(true)] out EpochAgreement? agreement,
        out EpochError error,
        out VeilFailure failure)
    {
        agreement = null;
        failure = VeilFailure.EpochRefused;
        error = EpochError.WrongDocument;
        if (!TryFind(documents, epoch.Previous.Keys, out ReadOnlyMemory<byte> previousKeys)
            || !TryFind(documents, epoch.Head.Issuer, out ReadOnlyMemory<byte> issuerBytes)
            || !TryFind(documents, epoch.Previous.Issuer, out ReadOnlyMemory<byte> previousIssuer)
            || !TryFind(documents, epoch.Head.Challenge, out ReadOnlyMemory<byte> challengeBytes)
            || !TryFind(documents, epoch.Head.Policy, out ReadOnlyMemory<byte> policyBytes)
            || !TryFind(documents, epoch.Mature.Policy, out ReadOnlyMemory<byte> maturePolicyBytes)
            || !TryFind(documents, epoch.Head.Releases, out ReadOnlyMemory<byte> releasesBytes)
            || !TryFind(documents, epoch.Mature.Releases, out ReadOnlyMemory<byte> matureBytes))
        {
            return false;
        }

        error = EpochError.NotAnnounced;
        if (!IsAnnounced(key, previousKeys))
        {
            return false;
        }

        error = EpochError.Malformed;
        IssuerDirectory? directory = null;
        if (!AuthorityPolicy.TryParse(policyBytes, out AuthorityPolicy? policy)
            || !AuthorityPolicy.TryParse(maturePolicyBytes, out AuthorityPolicy? maturePolicy)
            || !Release.TryParseSet(releasesBytes, bundle.ReleaseSigners, bundle.ReleaseThreshold, out IReadOnlyList<Release>? releases)
            || !Release.TryParseSet(matureBytes, bundle.ReleaseSigners, bundle.ReleaseThreshold, out IReadOnlyList<Release>? mature)
            || (!issuerBytes.IsEmpty && !IssuerDirectory.TryParse(issuerBytes, out directory, out _)))
        {
            return false;
        }

        error = EpochError.NotAnnounced;
        if (directory is not null && !AreAnnounced(directory, previousIssuer, bundle.Epochs.StartOf(epoch.Head.Epoch + 1)))
        {
            return false;
        }

        error = EpochError.None;
        failure = VeilFailure.BadChallenge;
        if (!TrustedView.TryReadChallenge(challengeBytes, directory, bundle.Authority, issuer, now, out TokenChallenge? challenge))
        {
            return false;
        }

        agreement = new(policy, maturePolicy, Release.Matured(releases, mature), directory, challenge);
        return true;
    }

    private static bool Names(ReadOnlyMemory<byte> hash, ReadOnlyMemory<byte> document) =>
        SHA256.HashData(document.Span).AsSpan().SequenceEqual(hash.Span);

    private static bool TryFind(DocumentSet documents, ReadOnlyMemory<byte> hash, out ReadOnlyMemory<byte> document)
    {
        document = default;
        return hash.Span.SequenceEqual(HashOfNothing) || documents.TryFind(hash.Span, out document);
    }

    private static bool IsAnnounced(KeyConfig key, ReadOnlyMemory<byte> previousKeys)
    {
        byte[] wanted = key.Write();
        return KeyConfig.TryParseCollection(previousKeys.Span, out IReadOnlyList<KeyConfig>? configs, out _)
            && configs.Any(config => config.Write().AsSpan().SequenceEqual(wanted));
    }

    /// <summary>Each key that is used before the next epoch begins stood in the directory of the head before.</summary>
    private static bool AreAnnounced(IssuerDirectory directory, ReadOnlyMemory<byte> previous, DateTimeOffset nextEpoch) =>
        IssuerDirectory.TryParse(previous, out IssuerDirectory? before, out _)
        && directory.TokenKeys.Where(key => key.NotBefore is not { } start || start < nextEpoch)
            .All(key => before.TokenKeys.Any(known => known.TokenType == key.TokenType && known.NotBefore == key.NotBefore && known.TokenKey.Span.SequenceEqual(key.TokenKey.Span)));
}
