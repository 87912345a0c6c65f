namespace Veil.TransparencyLog.Witnessing;

/// <summary>What a witness says.</summary>
/// <param name="Status">The HTTP status of C2SP tlog-witness.</param>
/// <param name="Size">With 409: how far it has seen the log.</param>
/// <param name="Cosignature">With 200: the signature line.</param>
internal sealed record WitnessAnswer(int Status, long Size = 0, byte[]? Cosignature = null);
