namespace Veil.DevStack;

/// <summary>When a party's keys come and go, by the names of its options.</summary>
/// <param name="EpochLength">How long a key is used.</param>
/// <param name="Notice">How long before its use it is made.</param>
/// <param name="Grace">How long it is accepted after the next one took over.</param>
/// <param name="Overlap">How long after that it may still be shown: the gateway's Overlap, the issuer's DirectoryMaxAge.</param>
public sealed record KeyTimes(TimeSpan EpochLength, TimeSpan Notice, TimeSpan Grace, TimeSpan Overlap);
