using System.Buffers.Binary;

namespace Veil.Fuzz;

/// <summary>
/// Makes a new input from the corpus: a few random edits, among them those that upset length-prefixed formats (boundary
/// values in one to eight bytes, cuts, repeats, pieces of another input). The same random source gives the same inputs.
/// </summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, Random random)
{
    private const int LongestInput = 64 * 1024;

    private static readonly ulong[] Boundaries =
    [
        0, 1, 2, 0x3F, 0x40, 0x7F, 0x80, 0xFE, 0xFF, 0x100, 0x3FFF, 0x4000, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000,
        0x3FFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x3FFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF,
    ];

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        var bytes = new List<byte>(Pick());
        for (int edits = 1 << random.Next(4); edits > 0; edits--)
            Edit(bytes);
        if (bytes.Count > LongestInput)
            bytes.RemoveRange(LongestInput, bytes.Count - LongestInput);
        return [.. bytes];
    }

    private byte[] Pick() => corpus[random.Next(corpus.Count)];

    private void Edit(List<byte> bytes)
    {
        int at = random.Next(bytes.Count + 1);
        int count = random.Next(Math.Min(bytes.Count - at, 64) + 1);
        switch (random.Next(9))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                Overwrite(bytes, at, Boundary());
                break;
            case 3:
                bytes.InsertRange(at, Boundary());
                break;
            case 4:
                bytes.RemoveRange(at, count);
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 6:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, count));
                break;
            case 7:
                byte[] other = Pick();
                int from = random.Next(other.Length + 1);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other[from..]);
                break;
            default:
                byte[] noise = new byte[random.Next(1, 32)];
                random.NextBytes(noise);
                bytes.InsertRange(at, noise);
                break;
        }
    }

    /// <summary>A boundary value in a width that formats use, big- or little-endian, sometimes as the varint of that width.</summary>
    private byte[] Boundary()
    {
        byte[] wide = new byte[sizeof(ulong)];
        ulong value = Boundaries[random.Next(Boundaries.Length)];
        int shift = random.Next(4);
        int width = 1 << shift;
        if (random.Next(3) is 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(wide, value);
            return wide[..width];
        }

        BinaryPrimitives.WriteUInt64BigEndian(wide, value);
        byte[] field = wide[^width..];
        if (random.Next(2) is 0)
            field[0] = (byte)((field[0] & 0x3F) | (shift << 6));
        return field;
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] value)
    {
        bytes.RemoveRange(at, Math.Min(value.Length, bytes.Count - at));
        bytes.InsertRange(at, value);
    }
}
