namespace Veil.KeyLifecycle;

/// <summary>Where a ring's future breaks a rule.</summary>
/// <param name="Rule">Which rule.</param>
/// <param name="From">The first instant.</param>
/// <param name="Until">The first instant at which it holds again, or null when it does not within the forecast.</param>
/// <param name="Serial">The key concerned, or null.</param>
public sealed record PlanProblem(PlanRule Rule, DateTimeOffset From, DateTimeOffset? Until = null, ulong? Serial = null);
