using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;

namespace Veil.Crypto;

/// <summary>Raises each number in place to one public exponent, big-endian. Takes the same time for all numbers.</summary>
internal delegate void FieldPowers(Span<Field> numbers, ReadOnlySpan<byte> exponent);
