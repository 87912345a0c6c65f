using System.ComponentModel.DataAnnotations;
using Veil.Gateway.Services;

namespace Veil.Gateway;

/// <summary>Who this gateway is, whom it serves, and what one request may take.</summary>
public sealed class GatewayOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Gateway";

    /// <summary>Host, and port where it is not 443, by which clients know this gateway: inner requests for it get the gateway's own documents, tokens are made for it. Required.</summary>
    [Required, RegularExpression(AuthorityPattern, ErrorMessage = "a lower-case host name or address, with a port where it is not 443")]
    public string Authority { get; init; } = "";

    /// <summary>The relays that may send requests. A certificate of no relay fails the handshake; without one only the key configurations can be read.</summary>
    public IReadOnlyList<RelayPin> Relays { get; init; } = [];

    /// <summary>Take requests from anybody: for development and measurements. Default false.</summary>
    public bool AllowAnyRelay { get; init; }

    /// <summary>The services behind this gateway.</summary>
    public IReadOnlyList<ServiceOptions> Services { get; init; } = [];

    /// <summary>Longest plain encapsulated request, bytes. Default 1 MiB: it is held whole in memory; larger ones are sent as chunked OHTTP.</summary>
    [Range(1024, 64 << 20)]
    public int MaxRequestBytes { get; init; } = 1 << 20;

    /// <summary>Longest chunked encapsulated request, bytes. Default 1 GiB, the draft's bound for one AES-128-GCM message; memory does not depend on it.</summary>
    [Range(1024, 1L << 40)]
    public long MaxChunkedRequestBytes { get; init; } = 1L << 30;

    /// <summary>Longest answer to a plain request, bytes. Default 16 MiB: it is held whole in memory; larger ones are asked for with chunked OHTTP.</summary>
    [Range(1024, 1 << 30)]
    public int MaxPlainAnswerBytes { get; init; } = 16 << 20;

    /// <summary>
    /// Memory for all plain requests and answers that are held at once, bytes; each counts once, while it is opened or sealed it is there twice. Default
    /// 512 MiB: 10,000 exchanges of 50 KB, or 30 of the longest answers. Beyond it requests are refused, and so are answers that grow.
    /// </summary>
    [Range(1L << 20, 1L << 40)]
    public long MaxBufferedBytes { get; init; } = 512L << 20;

    /// <summary>Requests in work at once. Default 10,000: one that streams holds some 100 KB, so they fit in 1 GB; more are refused before they are read.</summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentRequests { get; init; } = 10_000;

    /// <summary>
    /// Longest wait for the head of a chunked request, and of a GET for what follows it. Default 30 s: it is a few packets, for which even a poor radio
    /// link takes less; the rest is held to the service's own times.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan RequestHeadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Lower-case host or bracketed address, and a port.</summary>
    internal const string AuthorityPattern = @"^([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$";
}

/// <summary>A relay that may send requests.</summary>
public sealed class RelayPin
{
    /// <summary>For the operator; nothing depends on it.</summary>
    [Required]
    public string Name { get; init; } = "";

    /// <summary>SHA-256 of the SubjectPublicKeyInfo of the relay's client certificate, 64 hexadecimal digits.</summary>
    [Required, RegularExpression("^[0-9a-fA-F]{64}$", ErrorMessage = "64 hexadecimal digits")]
    public string CertificateSpkiSha256 { get; init; } = "";
}
