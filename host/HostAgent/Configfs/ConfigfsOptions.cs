using System.ComponentModel.DataAnnotations;
using Veil.HostAgent.Vendors;

namespace Veil.HostAgent.Configfs;

/// <summary>Where this machine's TEE is found.</summary>
public sealed class ConfigfsOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Attester";

    /// <summary>Folder of the kernel's report interface (Linux 6.7 and later). Default /sys/kernel/config/tsm/report.</summary>
    [Required]
    public string Folder { get; init; } = "/sys/kernel/config/tsm/report";

    /// <summary>
    /// Certificates and the revocation list (PEM or DER files) for those that the machine does not hand out with a report: VCEK, ASK, ARK, and the ARK's
    /// list, which the machine never does. They are public; a wrong one makes verifiers refuse this host, or this host refuse to start, and nothing worse. Read at start.
    /// </summary>
    public IReadOnlyList<string> EndorsementFiles { get; init; } = [];

    /// <summary>
    /// Folder of Intel's collateral, which a TDX host hands out with its quotes: tcb_info.json, qe_identity.json, certificates and revocation lists. Read at every
    /// attestation, so that new collateral comes with the next key epoch. Needed on TDX where Vendors:IntelUrl is not given, not looked at elsewhere.
    /// </summary>
    public string? CollateralFolder { get; init; }

    /// <summary>The manufacturers' services that collateral is fetched from. Default none.</summary>
    public VendorOptions Vendors { get; init; } = new();
}
