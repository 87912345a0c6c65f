namespace Veil.Transparency;

/// <summary>The signature types of signed notes that this code verifies (C2SP signed-note and tlog-cosignature).</summary>
public enum NoteKeyType
{
    /// <summary>Ed25519 over the note's text.</summary>
    Ed25519 = 0x01,

    /// <summary>Ed25519 over a time and the note's text, a checkpoint: a witness's cosignature.</summary>
    Cosignature = 0x04,
}
