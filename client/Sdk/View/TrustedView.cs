using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Ohttp;
using Veil.PrivacyPass;

namespace Veil.ClientSdk;

/// <summary>
/// What this client relies on: the gateway's OHTTP keys, the issuer's directory, the challenge, the services, their prices and hosts. Only
/// <see cref="TryAgree"/> makes one, so holding it means that two ways of asking gave the same keys; sealing and drawing accept nothing less.
/// </summary>
public sealed class TrustedView
{
    /// <summary>How far this machine's clock may be off for a view to count as valid: more than a clock that is set by the network drifts, far less than a view's lifetime.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private readonly byte[] _keys;
    private readonly DateTimeOffset _usableUntil;
    private readonly Dictionary<string, ServiceView> _services;
    private readonly IssuerDirectory? _directory;
    private readonly TokenChallenge? _challenge;

    internal TrustedView(
        string authority, IEnumerable<ServiceView> services, byte[] keys, KeyConfig key, IssuerDirectory? directory, TokenChallenge? challenge, DateTimeOffset madeAt, DateTimeOffset usableUntil)
    {
        _keys = keys;
        _usableUntil = usableUntil;
        _services = services.ToDictionary(service => service.Authority, StringComparer.OrdinalIgnoreCase);
        _directory = directory;
        _challenge = challenge;
        Authority = authority;
        Key = key;
        MadeAt = madeAt;
    }

    /// <summary>The gateway's own name.</summary>
    public string Authority { get; }

    /// <summary>When it was made; it is used for the options' <see cref="VeilOptions.ViewLifetime"/>, and no longer than the gateway signed it for, or its head stands.</summary>
    public DateTimeOffset MadeAt { get; }

    /// <summary>Where it stands in the authority's log; null for an authority without one.</summary>
    public EpochStanding? Standing { get; internal init; }

    /// <summary>Where each request draws hosts of its own from; null where the fleet is small enough to be had whole, or there is no log.</summary>
    internal HostDraws? Draws { get; init; }

    /// <summary>The authorities that can be asked.</summary>
    public IEnumerable<string> Services => _services.Keys;

    /// <summary>How many attested hosts the gateway has for a service; 0 for one it does not serve.</summary>
    public int HostCount(string service) => _services.TryGetValue(service, out ServiceView? found) ? found.Hosts.Count : 0;

    /// <summary>What a request to a service costs, and what that buys; null for one that the gateway does not serve.</summary>
    public ServicePrice? Price(string service) => _services.TryGetValue(service, out ServiceView? found) ? found.Price : null;

    /// <summary>True when the gateway routes this authority.</summary>
    public bool Serves(string authority) => _services.ContainsKey(authority);

    /// <summary>The configuration that requests are sealed to: every client chooses the same one.</summary>
    internal KeyConfig Key { get; }

    /// <summary>True where a service asks for tokens.</summary>
    internal bool AsksForTokens => _challenge is not null;

    /// <summary>False when its time is over, by this machine's clock.</summary>
    internal bool IsValidAt(DateTimeOffset now) => now <= _usableUntil;

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
        bool asksForTokens = document.Services.Any(service => service.Price.Tokens > 0) || !document.Challenge.IsEmpty;
        if (asksForTokens && (document.Issuer.IsEmpty || document.Challenge.IsEmpty))
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
        if (!TryReadChallenge(document.Challenge, directory, authority, issuer, now, out TokenChallenge? challenge))
        {
            return false;
        }

        view = new TrustedView(document.Authority, document.Services, mirror.ToArray(), key, directory, challenge, now, document.NotAfter + ClockTolerance);
        return true;
    }

    /// <summary>The challenge and the key that every client draws tokens for at this moment; false where no token is asked for, or the active key is none that this client can use.</summary>
    internal bool TryFindTokenKey(DateTimeOffset now, [NotNullWhen(true)] out TokenChallenge? challenge, [NotNullWhen(true)] out TokenPublicKey? key)
    {
        key = null;
        challenge = _challenge is not null && _directory?.FindActive(now) is { } active && TokenPublicKey.TryParse(active.TokenType, active.TokenKey.Span, out key, out _)
            ? ChallengeOf(active.TokenType)
            : null;
        return challenge is not null;
    }

    /// <summary>The type that tokens are drawn of at this moment.</summary>
    internal TokenType? TypeInForce(DateTimeOffset now) => _challenge is not null && _directory?.FindActive(now) is { } active ? TokenType.FindKnown(active.TokenType) : null;

    /// <summary>The kinds of tokens that can still be spent, with their types: any key that the directory lists.</summary>
    internal IEnumerable<(TokenKind Kind, TokenType Type)> SpendableKinds()
    {
        foreach (IssuerDirectoryKey listed in _directory?.TokenKeys ?? [])
        {
            if (_challenge is not null && TokenType.FindKnown(listed.TokenType) is { } type)
            {
                yield return (TokenKind.Of(ChallengeOf(type.Id).Encoded, SHA256.HashData(listed.TokenKey.Span)), type);
            }
        }
    }

    /// <summary>
    /// Where tokens are drawn, when the issuer's own answer agrees with the gateway's copy: the same active key and the same request URI, on the
    /// issuer's own origin. The whole bytes may differ for the minutes in which a newly announced key has reached one and not the other.
    /// </summary>
    internal bool TryAgreeWithIssuer(ReadOnlyMemory<byte> served, Uri issuer, DateTimeOffset now, [NotNullWhen(true)] out Uri? requestUri, out VeilFailure failure)
    {
        requestUri = null;
        failure = VeilFailure.DirectoryMismatch;
        return IssuerDirectory.TryParse(served, out IssuerDirectory? directory, out _)
            && _directory?.FindActive(now) is { } shown
            && directory.FindActive(now) is { } active
            && active.TokenType == shown.TokenType
            && active.TokenKey.Span.SequenceEqual(shown.TokenKey.Span)
            && directory.IssuerRequestUri == _directory.IssuerRequestUri
            && directory.TryResolveRequestUri(new Uri(issuer, IssuerDirectory.WellKnownPath), out requestUri)
            && requestUri.Authority.Equals(issuer.Authority, StringComparison.OrdinalIgnoreCase);
    }

    private static bool HasPlausibleHosts(ServiceView service) =>
        service.Hosts.All(host => HostClaims.TryParse(host.Span, out HostClaims? claims, out _)
            && claims.Service.Equals(service.Authority, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// One spelling is right: the challenge's bytes are in every token, so a context, another origin or a capital letter would mark the clients that
    /// were shown it; another issuer's name would send them elsewhere. So would a type of their own: it is that of the directory's active key, give or
    /// take the clocks. The encoding has one form, so equal parts are equal bytes.
    /// </summary>
    internal static bool TryReadChallenge(
        ReadOnlyMemory<byte> encoded, IssuerDirectory? directory, string authority, Uri? issuer, DateTimeOffset now, out TokenChallenge? challenge)
    {
        challenge = null;
        if (encoded.IsEmpty)
        {
            return true;
        }

        if (directory is null || !TokenChallenge.TryParse(encoded.Span, out challenge, out _) || !IsInForce(challenge.TokenType, directory, now))
        {
            return false;
        }

        string origin = authority.ToLowerInvariant();
        string issuerName = (issuer?.Authority ?? challenge.IssuerName).ToLowerInvariant();
        return challenge.RedemptionContext.IsEmpty && challenge.OriginInfo == origin && challenge.IssuerName == issuerName;
    }

    /// <summary>True for the type of the key that is active, or was or will be within the tolerance: the active key changes at a listed start and at no other time.</summary>
    private static bool IsInForce(ushort tokenType, IssuerDirectory directory, DateTimeOffset now)
    {
        IEnumerable<DateTimeOffset> starts = directory.TokenKeys.Select(entry => entry.NotBefore).OfType<DateTimeOffset>().Where(start => (start - now).Duration() <= ClockTolerance);
        return starts.Prepend(now - ClockTolerance).Any(time => directory.FindActive(time)?.TokenType == tokenType);
    }

    /// <summary>The challenge of a type: the parts are fixed, so it can be written down for a type that comes into force while the view is in use.</summary>
    private TokenChallenge ChallengeOf(ushort tokenType) => TokenChallenge.Create(tokenType, _challenge!.IssuerName, redemptionContext: default, _challenge.OriginInfo);
}
