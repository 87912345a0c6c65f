namespace Veil.Attestation;

/// <summary>What the authority's log says of the checkpoint that claims name: how old they are at most, whatever the guest's clock says.</summary>
/// <param name="NewestUntil">Until when it was the newest, so that a host that names it made its claims by then; null where the log never had it.</param>
public sealed record ClaimedCheckpoint(DateTimeOffset? NewestUntil);
