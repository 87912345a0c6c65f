namespace Veil.Attestation.Snp;

/// <summary>
/// Security patch levels of a platform's firmware (TCB_VERSION, 8 bytes; their order depends on the product line). Compared
/// component by component, never as one number.
/// </summary>
/// <param name="Fmc">Turin's first-mover firmware; 0 on earlier lines.</param>
/// <param name="Bootloader">The secure processor's boot loader.</param>
/// <param name="Tee">The secure processor's operating system.</param>
/// <param name="Snp">The SNP firmware.</param>
/// <param name="Microcode">The cores' microcode.</param>
public readonly record struct TcbVersion(byte Fmc, byte Bootloader, byte Tee, byte Snp, byte Microcode)
{
    /// <summary>Bytes of the field in a report.</summary>
    public const int Size = 8;

    /// <summary>Reads the field as <paramref name="product"/> lays it out.</summary>
    /// <param name="field">8 bytes.</param>
    /// <param name="product">A known product line.</param>
    public static TcbVersion Read(ReadOnlySpan<byte> field, ProductLine product) => product is ProductLine.Turin
        ? new(Fmc: field[0], Bootloader: field[1], Tee: field[2], Snp: field[3], Microcode: field[7])
        : new(Fmc: 0, Bootloader: field[0], Tee: field[1], Snp: field[6], Microcode: field[7]);

    /// <summary>Writes the field as <paramref name="product"/> lays it out; reserved bytes are zero.</summary>
    public void Write(Span<byte> field, ProductLine product)
    {
        field[..Size].Clear();
        if (product is ProductLine.Turin)
        {
            (field[0], field[1], field[2], field[3], field[7]) = (Fmc, Bootloader, Tee, Snp, Microcode);
        }
        else
        {
            (field[0], field[1], field[6], field[7]) = (Bootloader, Tee, Snp, Microcode);
        }
    }

    /// <summary>True when no component is below that of <paramref name="minimum"/>.</summary>
    public bool IsAtLeast(TcbVersion minimum) =>
        Fmc >= minimum.Fmc && Bootloader >= minimum.Bootloader && Tee >= minimum.Tee && Snp >= minimum.Snp && Microcode >= minimum.Microcode;

    /// <summary>The larger of each component: the nearest to this that is at least <paramref name="minimum"/>.</summary>
    public TcbVersion RaisedTo(TcbVersion minimum) => new(
        Math.Max(Fmc, minimum.Fmc), Math.Max(Bootloader, minimum.Bootloader), Math.Max(Tee, minimum.Tee), Math.Max(Snp, minimum.Snp), Math.Max(Microcode, minimum.Microcode));

    /// <summary>The components by name.</summary>
    public override string ToString() => $"fmc {Fmc}, bootloader {Bootloader}, tee {Tee}, snp {Snp}, microcode {Microcode}";
}
