namespace Veil.TransparencyLog.Monitoring;

/// <summary>Something that a monitor reports.</summary>
/// <param name="Kind">One of <see cref="FindingKind"/>.</param>
/// <param name="Index">The entry that it is about; -1 for the log as a whole.</param>
/// <param name="Detail">In one line, for a person.</param>
internal sealed record Finding(FindingKind Kind, long Index, string Detail);
