using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Fuzz.Targets;

/// <summary>A note that opens under a key was signed by that key; its text is then read as everything that texts of notes can be.</summary>
public static class SignedNoteTarget
{
    private static readonly NoteSigner Signer = NoteSigner.Import("gateway.example", NoteKeyType.Ed25519, "a key that signed the whole file"u8);

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (SignedNote.TryOpen(input, [Signer.VerifierKey], out SignedNote? note) && !SignedNote.TryOpen(Signer.Sign(note.Text.Span), [Signer.VerifierKey], out _))
            throw new InvalidOperationException("A text that was signed cannot be signed again.");
        _ = Release.TryOpen(input, [Signer.VerifierKey], 1, out _);

        // Also what no key of ours would have signed.
        int cut = input.LastIndexOf("\n\n"u8);
        ReadOnlySpan<byte> text = cut < 0 ? input : input[..(cut + 1)];
        if (Checkpoint.TryParse(text, out Checkpoint? checkpoint) && (!Checkpoint.TryParse(checkpoint.Write(), out Checkpoint? again) || again.Size != checkpoint.Size))
            throw new InvalidOperationException("A checkpoint changed when it was written again.");
        if (EpochHead.TryParse(text is [.. var line, (byte)'\n'] ? line : text, out EpochHead? head) && !EpochHead.TryParse(head.Write(), out _))
            throw new InvalidOperationException("A head cannot be read again.");
    }
}
