namespace Veil.Bhttp;

/// <summary>One field: a lower-case name and a value whose characters are Latin-1, one byte each on the wire.</summary>
public readonly record struct FieldLine(string Name, string Value)
{
    /// <summary>Bytes on the wire: both lengths, name and value.</summary>
    internal int Size => VectorSize(Name.Length) + VectorSize(Value.Length);

    internal static int VectorSize(int length) => Wire.QuicVarint.Size((ulong)length) + length;
}
