namespace Veil.Gateway.Epochs;

/// <summary>An epoch as it can be served, with what the publisher has to know of it.</summary>
/// <param name="Published">What is served.</param>
/// <param name="Present">What its head says of hosts.</param>
/// <param name="Mature">What the head of the releases' age says of them.</param>
/// <param name="IsInTime">False where clients refuse it, since an older head was not public in time.</param>
/// <param name="WitnessedAt">The time that its witnesses vouch for.</param>
internal sealed record AssembledEpoch(PublishedEpoch Published, PolicyDocuments Present, PolicyDocuments Mature, bool IsInTime, DateTimeOffset WitnessedAt);
