using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>ristretto255 whose elements libsodium multiplies.</summary>
internal sealed unsafe class LibsodiumRistretto255Group : Ristretto255Group
{
    private LibsodiumRistretto255Group() => Generator = DecodeGenerator();

    /// <summary>The one instance; null where libsodium is absent, older than 1.0.18, or failed its self-test.</summary>
    internal static new LibsodiumRistretto255Group? Instance { get; } = Start();

    public override GroupElements Generator { get; }

    public override GroupElements? Combine(ReadOnlySpan<byte> weights, params ReadOnlySpan<GroupElements> lists)
    {
        var sum = new byte[Size];
        byte* product = stackalloc byte[Size];
        int used = 0;
        fixed (byte* total = sum, scalars = weights)
        {
            foreach (GroupElements list in lists)
            {
                fixed (byte* points = ((Ristretto255Elements)list).Bytes)
                {
                    for (int i = 0; i < list.Count; i++, used += Size)
                    {
                        ArgumentOutOfRangeException.ThrowIfGreaterThan(used + Size, weights.Length, nameof(weights));

                        // Only a zero weight makes the identity of a valid element, and adds nothing.
                        if (Libsodium.Multiply(product, scalars + used, points + (i * Size)) == 0)
                            Check(Libsodium.Add(total, total, product));
                    }
                }
            }
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(used, weights.Length, nameof(weights));
        return IsZero(sum) ? null : new Ristretto255Elements(sum);
    }

    protected override GroupElements? Decode(ReadOnlySpan<byte> encodings)
    {
        fixed (byte* points = encodings)
        {
            for (int i = 0; i < encodings.Length; i += Size)
            {
                // libsodium 1.0.18 does not look at the top bit, which is clear in a canonical encoding.
                if (points[i + Size - 1] > 0x7F || Libsodium.IsValidPoint(points + i) != 1 || IsZero(encodings.Slice(i, Size)))
                    return null;
            }
        }

        return new Ristretto255Elements(encodings.ToArray());
    }

    private static LibsodiumRistretto255Group? Start()
    {
        try
        {
            if (!Libsodium.IsLoaded || Libsodium.Init() < 0)
                return null;

            var group = new LibsodiumRistretto255Group();
            return VoprfSelfTest.Passes(group) ? group : null;
        }
        catch (Exception e) when (e is CryptographicException or EntryPointNotFoundException)
        {
            return null;
        }
    }
}
