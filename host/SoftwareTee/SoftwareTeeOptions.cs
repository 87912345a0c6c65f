using System.ComponentModel.DataAnnotations;

namespace Veil.SoftwareTee;

/// <summary>The machine that is played.</summary>
public sealed class SoftwareTeeOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "SoftwareTee";

    internal const string SevSnp = "sev-snp";
    internal const string Tdx = "tdx";
    internal const string NoFault = "none";

    /// <summary>The kind of machine: <c>sev-snp</c> (default) or <c>tdx</c>.</summary>
    [RegularExpression("sev-snp|tdx", ErrorMessage = "sev-snp or tdx")]
    public string Kind { get; init; } = SevSnp;

    /// <summary>What is wrong with the machine's evidence, to show that gateways and clients refuse it: <c>none</c> (default), or one of what <c>Veil.SoftwareTee forgeries</c> lists for its kind.</summary>
    [Required]
    public string Fault { get; init; } = NoFault;

    /// <summary>Folder of the root's certificates and key; made when it is empty, shared by the software TEEs of one deployment.</summary>
    [Required]
    public string? RootFolder { get; init; }

    /// <summary>What the guest is called; its SHA-384 is the launch measurement unless <see cref="Measurement"/> is given.</summary>
    [Required]
    public string Label { get; init; } = "veil software tee";

    /// <summary>The launch measurement (MRTD of a TD), 96 hexadecimal digits. Default: that of <see cref="Label"/>.</summary>
    [RegularExpression("[0-9a-fA-F]{96}", ErrorMessage = "a launch measurement of 96 hexadecimal digits")]
    public string? Measurement { get; init; }

    /// <summary>The measurement in force.</summary>
    internal byte[] EffectiveMeasurement() => Measurement is null ? SoftwareGuest.MeasurementOf(Label) : Convert.FromHexString(Measurement);
}
