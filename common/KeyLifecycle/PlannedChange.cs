namespace Veil.KeyLifecycle;

/// <summary>One coming change of a ring.</summary>
/// <param name="At">When.</param>
/// <param name="Serial">Of which key; keys that are not made yet are numbered as they will be.</param>
/// <param name="Change">What happens.</param>
public sealed record PlannedChange(DateTimeOffset At, ulong Serial, KeyChange Change);
