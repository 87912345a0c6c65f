namespace Veil.Transparency.Epochs;

/// <summary>The checkpoints that a fleet's claims name, as far as they need a proof: in the document of a fleet that is fetched whole one stands for each size, ascending, after the records.</summary>
public static class NamedCheckpoints
{
    /// <summary>The sizes that need a consistency proof: neither nothing nor the log's own, and none that the log has not reached.</summary>
    /// <param name="named">What the claims name.</param>
    /// <param name="logSize">The log's.</param>
    public static IReadOnlyList<long> SizesToProve(IEnumerable<ulong> named, long logSize) =>
        [.. named.Where(size => size > 0 && size < (ulong)logSize).Distinct().Order().Select(size => (long)size)];
}
