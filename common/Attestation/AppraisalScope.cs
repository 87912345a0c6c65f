namespace Veil.Attestation;

/// <summary>What one appraisal of evidence is about.</summary>
/// <param name="BoundValue">What the evidence's report data has to be; null where nobody says, which only evidence without claims may have: a named gap.</param>
/// <param name="IsHardwareOnly">
/// Judge the hardware alone: a policy that names no software, or no holder of a shared key, leaves a named gap in place of a refusal. Never set where an
/// <see cref="AppraisedHost"/> may come out.
/// </param>
/// <param name="Now">The verifier's time.</param>
/// <param name="Memory">The relying party's memory; null verifies and parses all anew.</param>
internal readonly record struct AppraisalScope(ReadOnlyMemory<byte>? BoundValue, bool IsHardwareOnly, DateTimeOffset Now, VerifiedSignatures? Memory = null)
{
    /// <summary>The relying party's memory, or one for this appraisal alone, in which each key is loaded once.</summary>
    public VerifiedSignatures Known { get; } = Memory ?? new();

    /// <summary>Parses bytes, or recalls what they parse to. Nothing is trusted by being recalled.</summary>
    public T? Parse<T>(ReadOnlyMemory<byte> source, Func<ReadOnlyMemory<byte>, T?> parse)
        where T : class => Memory is null ? parse(source) : Memory.Parse(source, parse);
}
