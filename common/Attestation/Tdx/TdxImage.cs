namespace Veil.Attestation.Tdx;

/// <summary>What one accepted image measures as, SHA-384 each. A run-time register that is null is not judged: the verdict names the gap.</summary>
public sealed record TdxImage
{
    /// <summary>MRTD, 48 bytes: the firmware.</summary>
    public required ReadOnlyMemory<byte> Mrtd { get; init; }

    /// <summary>RTMR0, 48 bytes: the firmware's configuration, which a cloud's machine type changes.</summary>
    public ReadOnlyMemory<byte>? Rtmr0 { get; init; }

    /// <summary>RTMR1, 48 bytes: boot loader and kernel.</summary>
    public ReadOnlyMemory<byte>? Rtmr1 { get; init; }

    /// <summary>RTMR2, 48 bytes: command line and initial file system.</summary>
    public ReadOnlyMemory<byte>? Rtmr2 { get; init; }

    /// <summary>RTMR3, 48 bytes: what the running system extends.</summary>
    public ReadOnlyMemory<byte>? Rtmr3 { get; init; }

    internal ReadOnlyMemory<byte>? Rtmr(int index) => index switch
    {
        0 => Rtmr0,
        1 => Rtmr1,
        2 => Rtmr2,
        _ => Rtmr3,
    };

    internal bool Matches(TdReport report)
    {
        bool matches = report.Mrtd.SequenceEqual(Mrtd.Span);
        for (int i = 0; i < TdReport.RuntimeRegisters; i++)
        {
            matches &= Rtmr(i) is not { } wanted || report.Rtmr(i).SequenceEqual(wanted.Span);
        }

        return matches;
    }
}
