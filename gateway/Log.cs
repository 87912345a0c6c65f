namespace Veil.Gateway;

/// <summary>Every event of this service. None has a parameter that could hold an address of a client, a token, a field or content.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "OHTTP key {KeyId} is active, {Live} live")]
    public static partial void KeysChanged(this ILogger logger, byte keyId, int live);

    [LoggerMessage(2, LogLevel.Error, "the OHTTP keys could not be refreshed ({Reason}); the last ones stay in use")]
    public static partial void KeyRefreshFailed(this ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Information, "the issuer's directory was read, {Keys} keys usable")]
    public static partial void IssuerKeysRead(this ILogger logger, int keys);

    [LoggerMessage(4, LogLevel.Warning, "the issuer's directory could not be read ({Reason})")]
    public static partial void IssuerKeysFailed(this ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Warning, "a call to the issuer's redemption failed ({Reason}); it is repeated with the same ids until its deadline")]
    public static partial void RedemptionCallFailed(this ILogger logger, string reason);

    [LoggerMessage(6, LogLevel.Information, "host {Host} is verified until {Expires:u}")]
    public static partial void HostVerified(this ILogger logger, string host, DateTimeOffset expires);

    [LoggerMessage(7, LogLevel.Warning, "host {Host} is refused: {Checks}")]
    public static partial void HostRefused(this ILogger logger, string host, string checks);

    [LoggerMessage(8, LogLevel.Warning, "host {Host} cannot be reached ({Reason})")]
    public static partial void HostUnreachable(this ILogger logger, string host, string reason);

    [LoggerMessage(9, LogLevel.Warning, "the connection to host {Host} was lost")]
    public static partial void HostLost(this ILogger logger, string host);

    [LoggerMessage(10, LogLevel.Error, "the signed view could not be made ({Reason}); the last one stays in use")]
    public static partial void ViewFailed(this ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Error, "no OHTTP key is active, {Live} live: nothing is advertised until one takes over")]
    public static partial void NoActiveKey(this ILogger logger, int live);

    [LoggerMessage(12, LogLevel.Error, "the issuer refuses this gateway with status {Status}: {Blame}; redemptions fail until that is put right")]
    public static partial void RedemptionRefused(this ILogger logger, int status, string blame);

    [LoggerMessage(13, LogLevel.Information, "the issuer takes redemptions again")]
    public static partial void RedemptionAccepted(this ILogger logger);

    [LoggerMessage(14, LogLevel.Information, "tokens of type {Type} are asked for; those of other listed keys stay good")]
    public static partial void TokenTypeInForce(this ILogger logger, int type);

    [LoggerMessage(15, LogLevel.Information, "epoch {Epoch} is published with a fleet of {Hosts} hosts")]
    public static partial void EpochPublished(this ILogger logger, long epoch, long hosts);

    [LoggerMessage(16, LogLevel.Error, "the epoch's head could not be published ({Reason}); the last one stays in use and it is tried again")]
    public static partial void EpochNotPublished(this ILogger logger, string reason);

    [LoggerMessage(17, LogLevel.Error, "release file {File} is not signed by enough release signers of the trust bundle; it is left out")]
    public static partial void ReleaseIgnored(this ILogger logger, string file);

    [LoggerMessage(18, LogLevel.Information, "the publisher of epoch heads is {Publisher} from now on")]
    public static partial void PublisherChanged(this ILogger logger, string publisher);

    [LoggerMessage(20, LogLevel.Warning, "{Hosts} verified hosts are not in the head and get no request: by the releases and policies that were public for long enough, and are still, or by the checkpoint of the log that their claims name (Log:Url of the host agent), clients do not accept them")]
    public static partial void HostsNotListed(this ILogger logger, int hosts);

    [LoggerMessage(19, LogLevel.Warning, "clients refuse the head of epoch {Epoch}: an older one that it rests on was published after its epoch, with documents that were new")]
    public static partial void PublishedLate(this ILogger logger, long epoch);

    [LoggerMessage(21, LogLevel.Information, "epoch {Epoch} is not served again: it fills a pause, or what was kept of it is gone")]
    public static partial void OlderEpochNotServed(this ILogger logger, long epoch);
}
