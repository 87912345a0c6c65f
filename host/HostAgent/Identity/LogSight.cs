using Veil.Transparency;

namespace Veil.HostAgent.Identity;

/// <summary>The authority's log as this host has seen it.</summary>
/// <param name="Checkpoint">The newest checkpoint, of no entries for a log that has none yet.</param>
/// <param name="NewestUntil">Until when it can be the newest: from then on the log stands still, or its mirror does.</param>
public sealed record LogSight(Checkpoint Checkpoint, DateTimeOffset NewestUntil);
