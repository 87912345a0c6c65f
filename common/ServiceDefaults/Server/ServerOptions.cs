using System.ComponentModel.DataAnnotations;

namespace Veil.ServiceDefaults;

/// <summary>Where and how a service listens. Each limit bounds what one stranger can hold.</summary>
public sealed class ServerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Server";

    /// <summary>Public address and port. Default 127.0.0.1:8443; port 0 lets the system choose (the chosen one is logged).</summary>
    [Required, EndPointText]
    public string Listen { get; init; } = "127.0.0.1:8443";

    /// <summary>PEM file with the TLS certificate, then its intermediates. Required unless the service makes its own certificate or <see cref="AllowPlaintext"/> is set. Read again when it changes.</summary>
    [ReadableFile]
    public string? CertificateFile { get; init; }

    /// <summary>PEM file with the unencrypted private key of <see cref="CertificateFile"/>.</summary>
    [ReadableFile]
    public string? KeyFile { get; init; }

    /// <summary>Listen without TLS when there is no certificate: for development, measurements, or a TLS terminator on the same machine. Default false.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>Address and port of plain-HTTP <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>, for the operator's own network. Default none: they are then not served anywhere.</summary>
    [EndPointText]
    public string? ManagementListen { get; init; }

    /// <summary>Open public connections; more are closed at once. Default 10,000: at about 20 KiB each they stay below 200 MiB.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Requests at once on one HTTP/2 connection. Default 100, what RFC 9113 section 6.5.2 recommends as the least.</summary>
    [Range(1, 10_000)]
    public int MaxStreamsPerConnection { get; init; } = 100;

    /// <summary>All header fields of a request together, bytes. Default 16 KiB: our own requests need less than 1 KiB, a browser's cookies for other services do not belong here.</summary>
    [Range(1_024, 1_048_576)]
    public int MaxRequestHeaderBytes { get; init; } = 16 * 1024;

    /// <summary>How long a client may take to send its header section. Default 10 s, several round trips on a bad mobile link; a slow client holds a connection no longer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RequestHeadersTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may idle between requests. Default 130 s, above the usual 120 s of clients' pools so that the client closes first.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>How long a TLS handshake may take. Default 10 s: two round trips and a slow device's arithmetic take a second or two, and nothing is known yet of who holds the place.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After SIGTERM no connection is accepted and open requests have this long to end; then they are aborted. Default 30 s, what orchestrators usually wait before SIGKILL.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where an OTLP collector takes metrics over HTTP, such as http://127.0.0.1:4318/v1/metrics: once a minute, and once at the end. Default none.</summary>
    [HttpUrl]
    public Uri? OtlpEndpoint { get; init; }
}
