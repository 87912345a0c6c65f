namespace Veil.Attestation.Tdx;

/// <summary>Comparison of some bits.</summary>
internal static class Masked
{
    /// <summary>True when <paramref name="value"/> under the mask is <paramref name="wanted"/>; all three of one length.</summary>
    public static bool Equals(ReadOnlySpan<byte> value, ReadOnlySpan<byte> mask, ReadOnlySpan<byte> wanted)
    {
        bool equal = value.Length == mask.Length && value.Length == wanted.Length;
        for (int i = 0; equal && i < value.Length; i++)
        {
            equal = (value[i] & mask[i]) == wanted[i];
        }

        return equal;
    }
}
