using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Veil.Transparency;

namespace Veil.TransparencyLog.Witnessing;

/// <summary>The request of C2SP tlog-witness: <c>old SIZE \n {base64 hash \n}* \n checkpoint</c>, at most 63 hashes.</summary>
/// <param name="Old">What the witness is thought to have seen.</param>
/// <param name="Proof">That the checkpoint continues it.</param>
/// <param name="Origin">The first line of the checkpoint.</param>
/// <param name="Note">The checkpoint's signed note.</param>
internal sealed record AddCheckpoint(long Old, IReadOnlyList<ReadOnlyMemory<byte>> Proof, string Origin, ReadOnlyMemory<byte> Note)
{
    /// <summary>Longest request in bytes.</summary>
    public const int MaxSize = SignedNote.MaxSize + (4 << 10);

    private const int MaxHashes = 63;

    /// <summary>Takes a request apart.</summary>
    /// <param name="source">Untrusted.</param>
    /// <param name="request">The parts.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, [NotNullWhen(true)] out AddCheckpoint? request)
    {
        request = null;
        int cut = source.Span.IndexOf("\n\n"u8);
        if (source.Length > MaxSize || cut < 0 || !Ascii.IsValid(source.Span[..cut]))
            return false;

        if (Encoding.ASCII.GetString(source.Span[..cut]).Split('\n') is not [{ } first, .. { } lines] || lines.Length > MaxHashes
            || !first.StartsWith("old ", StringComparison.Ordinal)
            || !long.TryParse(first.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out long old) || first != string.Create(CultureInfo.InvariantCulture, $"old {old}"))
        {
            return false;
        }

        var proof = new List<ReadOnlyMemory<byte>>();
        foreach (string line in lines)
        {
            var hash = new byte[MerkleTree.HashSize];
            if (line.Length is not 44 || !Convert.TryFromBase64String(line, hash, out int written) || written != hash.Length)
                return false;
            proof.Add(hash);
        }

        ReadOnlyMemory<byte> note = source[(cut + 2)..];
        int end = note.Span.IndexOf((byte)'\n');
        if (end <= 0)
            return false;
        request = new(old, proof, Encoding.UTF8.GetString(note.Span[..end]), note);
        return true;
    }
}
