using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Veil.Transparency;

/// <summary>
/// A text with signatures (C2SP signed-note): <c>text \n — name base64(key id || signature) \n …</c>. There is a text only where at least one known key signed it and
/// no known key signed something else.
/// </summary>
public sealed class SignedNote
{
    /// <summary>Longest note in bytes: the text of any of ours and 64 post-quantum signatures.</summary>
    public const int MaxSize = 256 << 10;

    /// <summary>Most signature lines.</summary>
    public const int MaxSignatures = 128;

    /// <summary>Longest signature line: that of an ML-DSA-44 cosignature, with room.</summary>
    private const int MaxLine = 8 << 10;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private SignedNote(ReadOnlyMemory<byte> text, IReadOnlyList<NoteSignature> signatures)
    {
        Text = text;
        Signatures = signatures;
    }

    /// <summary>The text with its last line end: what was signed.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    /// <summary>The verified signatures, each key once.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Opens a note.</summary>
    /// <param name="source">Untrusted.</param>
    /// <param name="keys">The keys that are known; lines of others are passed over.</param>
    /// <param name="note">The text and who signed it.</param>
    public static bool TryOpen(ReadOnlySpan<byte> source, IReadOnlyList<NoteVerifierKey> keys, [NotNullWhen(true)] out SignedNote? note)
    {
        ArgumentNullException.ThrowIfNull(keys);
        note = null;
        if (!TrySplit(source, out ReadOnlySpan<byte> text, out IReadOnlyList<(string Name, byte[] Blob)>? lines))
            return false;

        var signatures = new List<NoteSignature>();
        foreach ((string name, byte[] blob) in lines)
        {
            foreach (NoteVerifierKey key in keys)
            {
                if (key.Name != name || !blob.AsSpan(0, NoteVerifierKey.IdSize).SequenceEqual(key.Id.Span))
                    continue;

                // A known key that did not sign this refuses the whole note: nobody may pick the lines that fit.
                if (!key.Verify(text, blob.AsSpan(NoteVerifierKey.IdSize), out long time))
                    return false;
                if (signatures.TrueForAll(signature => signature.Key != key))
                    signatures.Add(new(key, time, LineOf(name, blob)));
            }
        }

        note = signatures.Count > 0 ? new(text.ToArray(), signatures) : null;
        return note is not null;
    }

    /// <summary>Cuts a note at its last empty line and takes the signature lines apart; nothing is verified.</summary>
    internal static bool TrySplit(ReadOnlySpan<byte> source, out ReadOnlySpan<byte> text, [NotNullWhen(true)] out IReadOnlyList<(string Name, byte[] Blob)>? lines)
    {
        text = default;
        lines = null;
        int cut = source.LastIndexOf("\n\n"u8);
        if (source.Length > MaxSize || cut < 0 || source is not [.., (byte)'\n'] || HasControl(source))
            return false;

        var found = new List<(string, byte[])>();
        string block;
        try
        {
            _ = Strict.GetCharCount(source[..cut]);
            block = Strict.GetString(source[(cut + 2)..]);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        foreach (string line in block.Split('\n')[..^1])
        {
            if (found.Count == MaxSignatures || line.Length > MaxLine || line.Split(' ') is not ["\u2014", { } name, { } encoded] || !NoteVerifierKey.IsName(name))
                return false;
            var blob = new byte[encoded.Length];
            if (!Convert.TryFromBase64String(encoded, blob, out int written) || written <= NoteVerifierKey.IdSize || Convert.ToBase64String(blob, 0, written) != encoded)
                return false;
            found.Add((name, blob[..written]));
        }

        text = source[..(cut + 1)];
        lines = found;
        return found.Count > 0;
    }

    private static byte[] LineOf(string name, byte[] blob) => Encoding.UTF8.GetBytes($"\u2014 {name} {Convert.ToBase64String(blob)}\n");

    private static bool HasControl(ReadOnlySpan<byte> source)
    {
        foreach (byte value in source)
        {
            if (value < 0x20 && value != (byte)'\n')
                return true;
        }

        return false;
    }
}
