namespace Veil.Attestation.Snp;

/// <summary>A version of the SNP firmware as a report gives it.</summary>
/// <param name="Major">API major.</param>
/// <param name="Minor">API minor.</param>
/// <param name="Build">Build number.</param>
public readonly record struct FirmwareVersion(byte Major, byte Minor, byte Build)
{
    /// <summary>Reads build, minor and major, in this order.</summary>
    internal static FirmwareVersion Read(ReadOnlySpan<byte> field) => new(Major: field[2], Minor: field[1], Build: field[0]);

    /// <summary>"1.55.40".</summary>
    public override string ToString() => $"{Major}.{Minor}.{Build}";
}
