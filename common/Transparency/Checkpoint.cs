using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Veil.Transparency;

/// <summary>
/// The state of a log (C2SP tlog-checkpoint): <c>origin \n size \n base64(root) \n</c>, then extension lines, which this code carries and does not read. The text of a signed note.
/// </summary>
/// <param name="Origin">The log's name.</param>
/// <param name="Size">How many entries it has.</param>
/// <param name="Root">The root over them, 32 bytes.</param>
public sealed record Checkpoint(string Origin, long Size, ReadOnlyMemory<byte> Root)
{
    /// <summary>Writes the text, without extensions.</summary>
    public byte[] Write() => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root.Span)}\n"));

    /// <summary>Reads the text of a note that was opened.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        string[] lines = Encoding.UTF8.GetString(text).Split('\n');
        var root = new byte[MerkleTree.HashSize];
        if (lines is not [{ Length: > 0 } origin, { } size, { } encoded, .. { } extensions, ""]
            || extensions.Any(line => line.Length is 0)
            || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || (size.Length > 1 && size[0] is '0')
            || encoded.Length is not 44 || !Convert.TryFromBase64String(encoded, root, out int written) || written != root.Length || Convert.ToBase64String(root) != encoded)
        {
            return false;
        }

        checkpoint = new(origin, number, root);
        return true;
    }
}
