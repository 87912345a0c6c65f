namespace Veil.Attestation.Tdx;

/// <summary>Intel's word for a platform's state, by the names in its documents.</summary>
public enum TcbStatus
{
    /// <summary>Nothing is known to be wrong.</summary>
    UpToDate,

    /// <summary>Software inside the TD has to be hardened.</summary>
    SWHardeningNeeded,

    /// <summary>The platform's configuration has to change.</summary>
    ConfigurationNeeded,

    /// <summary>Both.</summary>
    ConfigurationAndSWHardeningNeeded,

    /// <summary>The platform was updated, and the TD has to be launched again to profit.</summary>
    TDRelaunchAdvised,

    /// <summary>That, and the platform's configuration has to change.</summary>
    TDRelaunchAdvisedConfigurationNeeded,

    /// <summary>Firmware with known faults.</summary>
    OutOfDate,

    /// <summary>That, and the platform's configuration has to change.</summary>
    OutOfDateConfigurationNeeded,

    /// <summary>Not to be trusted; no policy accepts it.</summary>
    Revoked,
}
