namespace Veil.ClientSdk;

/// <summary>Where a view made from the authority's log stands: fit to be shown to a person.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="LogSize">How many entries the log has.</param>
/// <param name="WitnessedAt">The time that the witnesses vouch for.</param>
/// <param name="Witnesses">Their names.</param>
/// <param name="Releases">The names of the releases that hosts may run.</param>
/// <param name="FleetTotal">How many hosts the fleet has.</param>
/// <param name="HostsVerified">How many of them this client appraised: all, or those that it drew.</param>
public sealed record EpochStanding(
    long Epoch, long LogSize, DateTimeOffset WitnessedAt, IReadOnlyList<string> Witnesses, IReadOnlyList<string> Releases, long FleetTotal, int HostsVerified);
