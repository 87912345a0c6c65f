using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Veil.Transparency;

/// <summary>
/// That an entry is in a log, on its own (C2SP tlog-proof): <c>c2sp.org/tlog-proof@v1 \n [extra base64 \n] index n \n {base64 hash \n}* \n checkpoint</c>. The extra line is
/// nobody's and not read.
/// </summary>
public sealed class TlogProof
{
    /// <summary>Longest text: a checkpoint and 64 hashes.</summary>
    public const int MaxSize = SignedNote.MaxSize + (8 << 10);

    private const string FirstLine = "c2sp.org/tlog-proof@v1";

    /// <param name="index">The entry's index.</param>
    /// <param name="hashes">The inclusion proof, the leaf's sibling first.</param>
    /// <param name="checkpoint">The signed note.</param>
    public TlogProof(long index, IReadOnlyList<ReadOnlyMemory<byte>> hashes, ReadOnlyMemory<byte> checkpoint)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        Index = index;
        Hashes = hashes;
        Checkpoint = checkpoint;
    }

    /// <summary>The entry's index.</summary>
    public long Index { get; }

    /// <summary>The inclusion proof.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Hashes { get; }

    /// <summary>The checkpoint's signed note; untrusted until a <see cref="WitnessPolicy"/> opened it.</summary>
    public ReadOnlyMemory<byte> Checkpoint { get; }

    /// <summary>Writes the text.</summary>
    public byte[] Write()
    {
        var text = new StringBuilder();
        text.Append(FirstLine).Append('\n').Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (ReadOnlyMemory<byte> hash in Hashes)
            text.Append(Convert.ToBase64String(hash.Span)).Append('\n');
        return [.. Encoding.ASCII.GetBytes(text.Append('\n').ToString()), .. Checkpoint.Span];
    }

    /// <summary>Takes a proof apart; nothing in it is verified.</summary>
    /// <param name="source">Untrusted.</param>
    /// <param name="proof">The parts.</param>
    public static bool TryParse(ReadOnlySpan<byte> source, [NotNullWhen(true)] out TlogProof? proof)
    {
        proof = null;
        int cut = source.IndexOf("\n\n"u8);
        if (source.Length > MaxSize || cut < 0 || !Ascii.IsValid(source[..cut]))
            return false;

        ReadOnlySpan<string> lines = Encoding.ASCII.GetString(source[..cut]).Split('\n');
        if (lines is not [FirstLine, .. { } rest])
            return false;
        if (rest is [{ } extra, ..] && extra.StartsWith("extra ", StringComparison.Ordinal))
        {
            if (!Convert.TryFromBase64String(extra["extra ".Length..], new byte[extra.Length], out _))
                return false;
            rest = rest[1..];
        }

        if (rest is not [{ } indexLine, .. { } encoded] || !indexLine.StartsWith("index ", StringComparison.Ordinal) || encoded.Length > MerkleTree.MaxProof
            || !long.TryParse(indexLine.AsSpan("index ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out long index)
            || indexLine != string.Create(CultureInfo.InvariantCulture, $"index {index}"))
        {
            return false;
        }

        var hashes = new List<ReadOnlyMemory<byte>>();
        foreach (string line in encoded)
        {
            var hash = new byte[MerkleTree.HashSize];
            if (line.Length is not 44 || !Convert.TryFromBase64String(line, hash, out int written) || written != hash.Length || Convert.ToBase64String(hash) != line)
                return false;
            hashes.Add(hash);
        }

        proof = new(index, hashes, source[(cut + 2)..].ToArray());
        return true;
    }

    /// <summary>True when the leaf stands at the proof's index under the root of <paramref name="checkpoint"/>.</summary>
    public bool Proves(ReadOnlySpan<byte> leafHash, Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return MerkleTree.VerifyInclusion(leafHash, Index, checkpoint.Size, Hashes, checkpoint.Root.Span);
    }
}
