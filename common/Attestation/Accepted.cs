namespace Veil.Attestation;

/// <summary>A policy's list of accepted values. An empty one accepts nothing.</summary>
internal static class Accepted
{
    /// <summary>True when the list holds exactly these bytes.</summary>
    public static bool Contains(IReadOnlyCollection<ReadOnlyMemory<byte>> accepted, ReadOnlySpan<byte> value)
    {
        foreach (ReadOnlyMemory<byte> candidate in accepted)
        {
            if (candidate.Span.SequenceEqual(value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The list for people.</summary>
    public static string AnyOf(IReadOnlyCollection<ReadOnlyMemory<byte>> accepted) =>
        accepted.Count == 0 ? "none is accepted" : string.Join(" or ", accepted.Select(value => Convert.ToHexStringLower(value.Span)));

    /// <summary>The names of set bits, and the rest as a number.</summary>
    public static string Bits(ulong bits, IReadOnlyDictionary<string, ulong> names)
    {
        ulong rest = names.Values.Aggregate(bits, (left, named) => left & ~named);
        IEnumerable<string> parts = names.Where(pair => (bits & pair.Value) != 0).Select(pair => pair.Key);
        return bits == 0 ? "none" : string.Join(' ', rest == 0 ? parts : parts.Append($"0x{rest:x}"));
    }
}
