namespace Veil.Transparency.Epochs;

/// <summary>One entry of the log with what proves it.</summary>
/// <param name="Entry">The exact bytes: a signed note.</param>
/// <param name="Proof">A tlog-proof: index, inclusion, and the witnessed checkpoint.</param>
public sealed record ProvenEntry(ReadOnlyMemory<byte> Entry, ReadOnlyMemory<byte> Proof);
