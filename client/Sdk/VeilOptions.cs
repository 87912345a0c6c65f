using System.Net;

namespace Veil.ClientSdk;

/// <summary>How this client reaches a service privately. <see cref="VeilOptionsValidator"/> holds every rule named here.</summary>
public sealed class VeilOptions
{
    /// <summary>The gateway's resource at the relay, such as https://relay.example/gateway. Required, https.</summary>
    public Uri? Relay { get; init; }

    /// <summary>The gateway's own name (host or host:port): the name on the certificate that signs its view. Required.</summary>
    public string? Authority { get; init; }

    /// <summary>The token issuer, https. Without it no token is drawn, and only those in the wallet can be spent.</summary>
    public Uri? Issuer { get; init; }

    /// <summary>The account's key at the issuer; goes to the issuer and nowhere else.</summary>
    public string? ApiKey { get; init; }

    /// <summary>A file that holds the account's key, read when a token is drawn. Use this or <see cref="ApiKey"/>.</summary>
    public string? ApiKeyFile { get; init; }

    /// <summary>Where tokens are kept (mode 0600). Required with <see cref="Issuer"/>; without it requests carry no token.</summary>
    public string? WalletFile { get; init; }

    /// <summary>PEM certificates to trust instead of the system's roots, for the relay, the issuer and the gateway's signature.</summary>
    public string? TrustedRootsFile { get; init; }

    /// <summary>
    /// The authority's trust bundle: its log, witnesses and release signers. Everything that this client relies on hangs from the one head that its witnesses
    /// vouch for. Required, except with <see cref="WithoutLog"/>.
    /// </summary>
    public string? TrustBundleFile { get; init; }

    /// <summary>
    /// True for an authority that keeps no log, with no trust bundle: then this client relies on the gateway's signature and the relay's mirror alone, which the two
    /// together could forge for one client. Default false; never a fallback.
    /// </summary>
    public bool WithoutLog { get; init; }

    /// <summary>Where this machine remembers how far it has seen the log (mode 0600), so that a rollback or a fork is noticed. Use it with <see cref="TrustBundleFile"/>.</summary>
    public string? SeenLogFile { get; init; }

    /// <summary>The gateway's resource at another relay, whose mirror must be of the same history. Default: none is asked.</summary>
    public Uri? SecondRelay { get; init; }

    /// <summary>How far this machine's clock may be from the witnesses'. Default 5 min, more than a clock that is set by the network drifts; 1 s to 1 h.</summary>
    public TimeSpan ClockTolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Local address to connect from, on machines with several. Default: the system chooses.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>
    /// True (default): requests and answers stream as chunked OHTTP. False: each is one padded message, which hides its size better.
    /// There is no falling back from one to the other: a gateway could sort clients by refusing.
    /// </summary>
    public bool Chunked { get; init; } = true;

    /// <summary>Fill messages of known size up to a size class, so that lengths tell less. Default true.</summary>
    public bool Padding { get; init; } = true;

    /// <summary>
    /// Bodies up to this many bytes are held in memory, so that they can be padded and sent again with a corrected date.
    /// Default 1 MiB, the gateway's default for a plain message; 1 KiB to 64 MiB. A larger body streams, or is refused when not <see cref="Chunked"/>.
    /// </summary>
    public int MaxBufferedBody { get; init; } = 1 << 20;

    /// <summary>Largest plain answer and largest document, in bytes. Default 16 MiB; 64 KiB to 256 MiB. Streamed answers have no limit.</summary>
    public int MaxPlainAnswer { get; init; } = 16 << 20;

    /// <summary>Header fields that may be said inside, besides those of <see cref="HeaderAllowList.Default"/>. Names that carry identity are refused.</summary>
    public IReadOnlyList<string> AllowedHeaders { get; init; } = [];

    /// <summary>How top-level fields of JSON bodies are filtered. Default <see cref="JsonFieldRule.Default"/>.</summary>
    public IReadOnlyList<JsonFieldRule> BodyRules { get; init; } = JsonFieldRule.Default;

    /// <summary>
    /// How long a verified view is used before it is made again. Default 1 h; 1 s to 24 h. It must be shorter than the notice that issuer and gateway give of
    /// their keys, so that every key is known before it is used; minutes and less suit keys that live for minutes, and ask the relay as often.
    /// </summary>
    public TimeSpan ViewLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The inner Date is off by a random time up to this, so that a clock's error tells less. Default 10 s; 0 to 60 s (gateways accept 120 s).</summary>
    public TimeSpan DateJitter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Tokens that a fill brings the wallet to. Default 100; 1 to 1,000. More draws less often, which links drawing and spending less.</summary>
    public int TokenTarget { get; init; } = 100;

    /// <summary>
    /// Most tokens that are asked for in one request. Default 100, what issuers take unless told otherwise; 1 to 1,000. Each request is a batch, and what it brought is
    /// on the disk before the next: a crash costs at most so many.
    /// </summary>
    public int TokenBatch { get; init; } = 100;

    /// <summary>
    /// Below this many tokens a fill is planned. Default 40; 0 (only when empty) to <see cref="TokenTarget"/> - 1. A process that ends before the fill
    /// refills nothing: short-lived ones call <see cref="TokenSupply.FillAsync(CancellationToken)"/>, or run <c>veil tokens fill</c>, ahead of need.
    /// </summary>
    public int TokenReserve { get; init; } = 40;

    /// <summary>
    /// Mean of the random (exponential) wait between running low and filling. Default 10 min; 0 to 24 h. With a few seconds an observer
    /// matches draws to requests by their order; at ten minutes almost never.
    /// </summary>
    public TimeSpan RefillDelay { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>True (default): an empty wallet is filled at once, although that draw is close in time to its spending. False: the request fails.</summary>
    public bool DrawWhenEmpty { get; init; } = true;

    /// <summary>
    /// How many draws of hosts are fetched ahead of the requests that will have them, where the fleet is too large to be fetched whole. Default 4; 0 (each is fetched
    /// when its request leaves, which then waits for it), or 2 to 64: taken in no order, which one alone cannot be.
    /// </summary>
    public int HostDrawsAhead { get; init; } = 4;

    /// <summary>
    /// Mean of the random (exponential) wait before a draw that was taken is replaced. Default 30 s; 0 to 1 h. With 0 the gateway can tell by the time that a request and
    /// the one which has the draw are one client's.
    /// </summary>
    public TimeSpan HostDrawDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for a TCP and TLS connection. Default 10 s; 100 ms to 2 min.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for each document and each batch of tokens. Default 30 s; 1 s to 5 min. The caller's own request has HttpClient's timeout.</summary>
    public TimeSpan DocumentTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
