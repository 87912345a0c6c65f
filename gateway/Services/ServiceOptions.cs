using System.ComponentModel.DataAnnotations;
using Veil.Attestation;

namespace Veil.Gateway.Services;

/// <summary>One service behind the gateway: its hosts, and the piece of work that its tokens buy.</summary>
public sealed class ServiceOptions
{
    /// <summary>The authority that inner requests name and that hosts must claim as their service. Required.</summary>
    [Required, RegularExpression(GatewayOptions.AuthorityPattern, ErrorMessage = "a lower-case host name or address, with a port where it is not 443")]
    public string Authority { get; init; } = "";

    /// <summary>Where its hosts listen. One at least.</summary>
    [MinLength(1)]
    public IReadOnlyList<HostEndpoint> Hosts { get; init; } = [];

    /// <summary>
    /// Tokens that one request costs: the price of one unit of work, which is what the three bounds below allow. Default 1. With 0 the service is open, and only
    /// to GET requests without content.
    /// </summary>
    [Range(0, 16)]
    public int TokensPerRequest { get; init; } = 1;

    /// <summary>
    /// Most tokens that one request may carry, to buy several units at once: n times the price lifts the bounds below n times. Default 4: with the other
    /// defaults 1 GiB of request, the longest that the gateway takes. Not below the price; equal to it, a request is one unit.
    /// </summary>
    [Range(1, ServicePrice.TokensLimit)]
    public int MaxTokensPerRequest { get; init; } = 4;

    /// <summary>Longest content of a request of one unit, bytes. Default 256 MiB: an hour of recorded speech or a thick scanned book fits, and a token's worth has an end.</summary>
    [Range(0, 1L << 40)]
    public long MaxRequestBytes { get; init; } = 256L << 20;

    /// <summary>Longest content of an answer to a request of one unit, bytes. Default 1 GiB, the bound of one chunked request too: what clients ask for whole is far smaller.</summary>
    [Range(1024, 1L << 40)]
    public long MaxAnswerBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Longest wait for the start of the answer once the request is complete, and longest silence inside it. Default 5 min: a model may think that long.
    /// A relay's IdleTimeout must be longer, or it gives up first and the client never gets the reason.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Longest time from the admission of a request of one unit to the end of its answer, however steadily both flow: what a token buys is bounded in time as in bytes.
    /// Default 15 min, in which a gigabyte passes at 10 Mbit/s; a relay by default allows no longer, however many units were paid.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Hosts that one request may be given to, one after the other, when each is lost before it begins to answer. Default 3: inference has no effects, a lost machine then
    /// fails nobody, and a request that breaks hosts breaks no more of them. 1 for a service whose requests have effects, since the lost host may have carried them out;
    /// what never reached a host goes to another one in any case.
    /// </summary>
    [Range(1, 16)]
    public int HostsPerRequest { get; init; } = 3;

    /// <summary>
    /// Bytes of a chunked request's content that are kept for another host. Default 64 KiB, a long conversation's text, in memory for each request under way; when more
    /// of it has gone to a host that is lost, the request fails.
    /// </summary>
    [Range(0, 16 << 20)]
    public int KeptRequestBytes { get; init; } = 64 << 10;

    /// <summary>Request fields that reach the host besides <see cref="FieldAllowList.Request"/>, in lower case.</summary>
    public IReadOnlyList<string> RequestFields { get; init; } = [];

    /// <summary>Answer fields that reach the client besides <see cref="FieldAllowList.Answer"/>, in lower case.</summary>
    public IReadOnlyList<string> AnswerFields { get; init; } = [];

    /// <summary>The price and what it buys, as clients are shown it: whole units, whole seconds.</summary>
    internal ServicePrice Price => new(
        TokensPerRequest,
        TokensPerRequest is 0 ? 0 : MaxTokensPerRequest / TokensPerRequest * TokensPerRequest,
        MaxRequestBytes,
        MaxAnswerBytes,
        TimeSpan.FromSeconds((long)MaxDuration.TotalSeconds));
}

/// <summary>Where a host listens.</summary>
public sealed class HostEndpoint
{
    /// <summary>An https URL without path; use a name rather than an address.</summary>
    [Required, ServiceDefaults.HttpsUrl]
    public Uri? Url { get; init; }
}
