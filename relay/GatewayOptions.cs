using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.Relay;

/// <summary>One gateway that this relay serves.</summary>
public sealed class GatewayOptions
{
    /// <summary>The gateway's resource, https, such as <c>https://gateway.example/.well-known/ohttp-gateway</c>. Required.</summary>
    [Required(ErrorMessage = "an absolute https URL without user name, query and fragment"), HttpsUrl]
    public Uri? Url { get; init; }

    /// <summary>HTTP version towards the gateway, <c>2</c> or <c>1.1</c>. Default 2: all clients' requests share a connection, and a request and its answer may stream at the same time.</summary>
    [AllowedValues("2", "1.1", ErrorMessage = "2 or 1.1")]
    public string HttpVersion { get; init; } = "2";

    /// <summary>Mirror the gateway's epoch as well, which clients of an authority with a log begin with. Default true; false for a gateway that has none.</summary>
    public bool MirrorEpoch { get; init; } = true;

    /// <summary>The certificate that this relay shows, and the roots that it trusts.</summary>
    public OutboundTlsOptions Tls { get; init; } = new();

    /// <summary>Address to connect from, on a machine with several. Default: the system's choice.</summary>
    [IPAddressText]
    public string? LocalAddress { get; init; }
}
