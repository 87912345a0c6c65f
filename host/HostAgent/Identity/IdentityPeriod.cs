namespace Veil.HostAgent.Identity;

/// <summary>The time that one identity is for.</summary>
/// <param name="Epoch">Number of the key epoch.</param>
/// <param name="NotBefore">When it was made.</param>
/// <param name="NotAfter">After the grace of the latest epoch in which it may be active.</param>
public sealed record IdentityPeriod(ulong Epoch, DateTimeOffset NotBefore, DateTimeOffset NotAfter);
