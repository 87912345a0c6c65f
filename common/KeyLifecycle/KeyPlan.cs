using System.Collections.Immutable;

namespace Veil.KeyLifecycle;

/// <summary>What a ring needs now to follow its schedule.</summary>
/// <param name="Create">The key to make and announce, or null.</param>
/// <param name="Destroy">The keys whose grace is over.</param>
/// <param name="NextChange">The earliest later instant at which a state may change or a key fall due.</param>
public sealed record KeyPlan(KeyEntry? Create, ImmutableArray<KeyEntry> Destroy, DateTimeOffset NextChange);
