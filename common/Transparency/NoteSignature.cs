namespace Veil.Transparency;

/// <summary>A signature that was verified.</summary>
/// <param name="Key">By whose key.</param>
/// <param name="Time">POSIX seconds of a cosignature; 0 for other types.</param>
/// <param name="Line">The line that says so, with its line end: what may be put under the same text elsewhere.</param>
public sealed record NoteSignature(NoteVerifierKey Key, long Time, ReadOnlyMemory<byte> Line);
