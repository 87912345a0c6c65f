namespace Veil.Proofs.Evidence;

/// <summary>One part of a real piece of evidence, whose bits are turned one at a time while all other parts stay as they are.</summary>
/// <param name="Kind">"sev-snp", "tdx", "nvidia".</param>
/// <param name="Piece">The piece's id.</param>
/// <param name="Part">"report", "vcek", "crl": what the table of accepted flips names.</param>
/// <param name="Bytes">The part.</param>
/// <param name="Accepts">Judges the piece with this part in place of the true one; thread-safe.</param>
/// <param name="IsValid">What it says of the true one, by the piece's manifest.</param>
public sealed record FlipSubject(string Kind, string Piece, string Part, byte[] Bytes, Func<byte[], bool> Accepts, bool IsValid);
