namespace Veil.Transparency.Epochs;

/// <summary>One entry of the log with what proves it.</summary>
/// <param name="Entry">The exact bytes: a signed note.</param>
/// <param name="Proof">A tlog-proof: index, inclusion, and the witnessed checkpoint.</param>
/// <param name="InTime">A tlog-proof under an older checkpoint, of when the entry was new: that it was public then. Empty where nobody asks.</param>
public sealed record ProvenEntry(ReadOnlyMemory<byte> Entry, ReadOnlyMemory<byte> Proof, ReadOnlyMemory<byte> InTime);
