using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.HostAgent.Vendors;

/// <summary>
/// Where the manufacturer's collateral is fetched from and how it is kept. It is public and signed, and travels with the evidence, so that a client asks no
/// manufacturer; a wrong answer makes verifiers refuse this host, or this host refuse to start, and nothing worse.
/// </summary>
public sealed class VendorOptions
{
    /// <summary>
    /// Intel's provisioning certification service or a cache of it (PCCS), such as https://api.trustedservices.intel.com. Default none: a TDX host then hands out
    /// what is in CollateralFolder.
    /// </summary>
    [HttpsUrl]
    public Uri? IntelUrl { get; init; }

    /// <summary>The revocation list of Intel's root, which is at another address. Default Intel's; at a PCCS it is /sgx/certification/v4/rootcacrl.</summary>
    [Required, HttpsUrl]
    public Uri IntelRootListUrl { get; init; } = new("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");

    /// <summary>
    /// AMD's key distribution service or a cache of it, such as https://kdsintf.amd.com: chip's certificate, chain and revocation list. Default none: an SEV-SNP
    /// host then hands out what is in EndorsementFiles and what the machine gives.
    /// </summary>
    [HttpsUrl]
    public Uri? AmdUrl { get; init; }

    /// <summary>Folder where answers outlive the process, made at the first. Default none: they are kept in memory, and a start without the service fails.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// How old an answer may be before it is asked for again. Default 1 h, so that a revocation goes out with the next key epoch and many hosts of one machine
    /// do not wear out a service that throttles. A chip's certificate, which never changes, is asked for once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "30.00:00:00")]
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Longest wait for one answer. Default 10 s: at most five answers fit into the notice of an epoch many times over.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whom to trust for the service's certificate: a PCCS often has one of its own.</summary>
    public OutboundTlsOptions Tls { get; init; } = new();

    /// <summary>Address to connect from, on a machine with several. Default: the system's choice.</summary>
    [IPAddressText]
    public string? LocalAddress { get; init; }
}
