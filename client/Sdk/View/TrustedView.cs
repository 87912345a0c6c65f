using System.Diagnostics.CodeAnalysis;
using Veil.Attestation;
using Veil.Ohttp;
using Veil.PrivacyPass;

namespace Veil.ClientSdk;

/// <summary>
/// What this client relies on: the gateway's OHTTP keys, the issuer's directory, the one challenge, the services and their hosts. Only
/// <see cref="TryAgree"/> makes one, so holding it means that two ways of asking gave the same keys; sealing and drawing accept nothing less.
/// </summary>
public sealed class TrustedView
{
    /// <summary>How far this machine's clock may be off for a view to count as valid: more than a clock that is set by the network drifts, far less than a view's lifetime.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private readonly byte[] _keys;
    private readonly DateTimeOffset _notAfter;
    private readonly Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>> _services;
    private readonly IssuerDirectory? _directory;

    private TrustedView(GatewayView view, byte[] keys, KeyConfig key, IssuerDirectory? directory, TokenChallenge? challenge, DateTimeOffset madeAt)
    {
        _keys = keys;
        _notAfter = view.NotAfter;
        _services = view.Services.ToDictionary(service => service.Authority, service => service.Hosts, StringComparer.OrdinalIgnoreCase);
        _directory = directory;
        Authority = view.Authority;
        Key = key;
        Challenge = challenge;
        MadeAt = madeAt;
    }

    /// <summary>The gateway's own name.</summary>
    public string Authority { get; }

    /// <summary>When it was made; it is used for the options' <see cref="VeilOptions.ViewLifetime"/>, and no longer than the gateway signed it for.</summary>
    public DateTimeOffset MadeAt { get; }

    /// <summary>The authorities that can be asked.</summary>
    public IEnumerable<string> Services => _services.Keys;

    /// <summary>How many attested hosts the gateway has for a service; 0 for one it does not serve.</summary>
    public int HostCount(string service) => _services.TryGetValue(service, out IReadOnlyList<ReadOnlyMemory<byte>>? hosts) ? hosts.Count : 0;

    /// <summary>True when the gateway routes this authority.</summary>
    public bool Serves(string authority) => _services.ContainsKey(authority);

    /// <summary>The configuration that requests are sealed to: every client chooses the same one.</summary>
    internal KeyConfig Key { get; }

    /// <summary>The challenge that every client's tokens answer; null where no service asks for a token.</summary>
    internal TokenChallenge? Challenge { get; }

    /// <summary>False when the time that the gateway signed it for is over.</summary>
    internal bool IsValidAt(DateTimeOffset now) => now <= _notAfter + ClockTolerance;

    /// <summary>True when the other view has other OHTTP keys.</summary>
    internal bool HasOtherKeys(TrustedView other) => !_keys.AsSpan().SequenceEqual(other._keys);

    /// <summary>
    /// Compares the relay's mirror with the gateway's own copy, byte for byte, and holds the challenge to the form that cannot tell clients apart. For a while
    /// after a takeover the copy holds the keys before it too, and a mirror may still be those: then every client uses what the mirror shows.
    /// </summary>
    /// <param name="mirror">The <c>application/ohttp-keys</c> bytes that the relay serves to everyone.</param>
    /// <param name="own">The gateway's copy, its signature verified.</param>
    /// <param name="authority">The gateway that was asked for.</param>
    /// <param name="issuer">The issuer of the options; null when no token is drawn here.</param>
    /// <param name="now">The client's time.</param>
    /// <param name="view">The view, when all agreed.</param>
    /// <param name="failure">What did not.</param>
    internal static bool TryAgree(
        ReadOnlySpan<byte> mirror,
        SignedView own,
        string authority,
        Uri? issuer,
        DateTimeOffset now,
        [NotNullWhen(true)] out TrustedView? view,
        out VeilFailure failure)
    {
        view = null;
        failure = VeilFailure.BadView;
        if (!GatewayView.TryParse(own.Document, out GatewayView? document, out _)
            || !document.Authority.Equals(authority, StringComparison.OrdinalIgnoreCase)
            || document.Services.DistinctBy(service => service.Authority, StringComparer.OrdinalIgnoreCase).Count() != document.Services.Count
            || !document.Services.All(HasPlausibleHosts))
        {
            return false;
        }

        failure = VeilFailure.StaleView;
        if (now < document.NotBefore - ClockTolerance || now > document.NotAfter + ClockTolerance)
        {
            return false;
        }

        failure = VeilFailure.ViewMismatch;
        if (!mirror.SequenceEqual(document.Keys.Span) && (document.PreviousKeys.IsEmpty || !mirror.SequenceEqual(document.PreviousKeys.Span)))
        {
            return false;
        }

        failure = VeilFailure.BadKeyConfiguration;
        if (!KeyConfig.TryParseCollection(mirror, out IReadOnlyList<KeyConfig>? configs, out _) || KeyConfig.Choose(configs) is not { } key)
        {
            return false;
        }

        failure = VeilFailure.Busy;
        if (document.Issuer.IsEmpty && !document.Challenge.IsEmpty)
        {
            return false;
        }

        failure = VeilFailure.BadView;
        IssuerDirectory? directory = null;
        if (!document.Issuer.IsEmpty && !IssuerDirectory.TryParse(document.Issuer, out directory, out _))
        {
            return false;
        }

        failure = VeilFailure.BadChallenge;
        if (!TryReadChallenge(document, authority, issuer, out TokenChallenge? challenge))
        {
            return false;
        }

        view = new TrustedView(document, mirror.ToArray(), key, directory, challenge, now);
        return true;
    }

    /// <summary>The kind of tokens that this view's challenge and the key of this moment ask for; false where no token is asked for or no key is usable.</summary>
    internal bool TryFindTokenKey(DateTimeOffset now, [NotNullWhen(true)] out TokenPublicKey? key)
    {
        key = null;
        return Challenge is not null && _directory is not null && _directory.TryFindUsable(Challenge.TokenType, now, out key, out _);
    }

    /// <summary>The kinds of tokens that can still be spent: any key that the directory lists.</summary>
    internal IEnumerable<TokenKind> SpendableKinds()
    {
        foreach (IssuerDirectoryKey listed in _directory?.TokenKeys ?? [])
        {
            if (Challenge is not null && listed.TokenType == Challenge.TokenType && TokenPublicKey.TryParse(listed.TokenType, listed.TokenKey.Span, out TokenPublicKey? key, out _))
            {
                yield return TokenKind.Of(Challenge.Encoded, key.KeyId);
            }
        }
    }

    /// <summary>
    /// Where tokens are drawn, when the issuer's own answer agrees with the gateway's copy: the same first usable key and the same request URI, on the
    /// issuer's own origin. The whole bytes may differ for the minutes in which a newly announced key has reached one and not the other.
    /// </summary>
    internal bool TryAgreeWithIssuer(ReadOnlyMemory<byte> served, Uri issuer, DateTimeOffset now, [NotNullWhen(true)] out Uri? requestUri, out VeilFailure failure)
    {
        requestUri = null;
        failure = VeilFailure.DirectoryMismatch;
        return IssuerDirectory.TryParse(served, out IssuerDirectory? directory, out _)
            && TryFindTokenKey(now, out TokenPublicKey? key)
            && directory.TryFindUsable(key.Type.Id, now, out TokenPublicKey? servedKey, out _)
            && key.Encoding.SequenceEqual(servedKey.Encoding)
            && directory.IssuerRequestUri == _directory!.IssuerRequestUri
            && directory.TryResolveRequestUri(new Uri(issuer, IssuerDirectory.WellKnownPath), out requestUri)
            && requestUri.Authority.Equals(issuer.Authority, StringComparison.OrdinalIgnoreCase);
    }

    private static bool HasPlausibleHosts(ServiceView service) =>
        service.Hosts.All(host => HostClaims.TryParse(host.Span, out HostClaims? claims, out _)
            && claims.Service.Equals(service.Authority, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// One spelling is right: the challenge's bytes are in every token, so a context, another origin or a capital letter would mark the clients that
    /// were shown it; another issuer's name would send them elsewhere. The encoding has one form, so equal parts are equal bytes.
    /// </summary>
    private static bool TryReadChallenge(GatewayView document, string authority, Uri? issuer, out TokenChallenge? challenge)
    {
        challenge = null;
        if (document.Challenge.IsEmpty)
        {
            return true;
        }

        if (!TokenChallenge.TryParse(document.Challenge.Span, out challenge, out _) || TokenType.Find(challenge.TokenType) is null)
        {
            return false;
        }

        string origin = authority.ToLowerInvariant();
        string issuerName = (issuer?.Authority ?? challenge.IssuerName).ToLowerInvariant();
        return challenge.RedemptionContext.IsEmpty && challenge.OriginInfo == origin && challenge.IssuerName == issuerName;
    }
}
