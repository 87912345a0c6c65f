namespace Veil.Issuer;

/// <summary>Everything the issuer logs. Nothing here can hold an account, a gateway's peer, a token or a key.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "token key {Serial} is active, {Announced} announced, {Grace} in grace")]
    public static partial void KeysChanged(this ILogger logger, ulong serial, int announced, int grace);

    [LoggerMessage(2, LogLevel.Error, "the token keys stay as they were: {Reason}")]
    public static partial void KeysNotRefreshed(this ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Error, "a store is not available, requests are refused: {Reason}")]
    public static partial void StoreUnavailable(this ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Information, "the stores are available again")]
    public static partial void StoreRecovered(this ILogger logger);

    [LoggerMessage(20, LogLevel.Warning, "the keys of an OpenID Connect provider were not fetched: {Reason}")]
    public static partial void ProviderKeysNotFetched(this ILogger logger, string reason);

    [LoggerMessage(21, LogLevel.Warning, "an account's quota class is none of Issuance:QuotaClasses: nothing is issued to it")]
    public static partial void UnknownQuotaClass(this ILogger logger);

    [LoggerMessage(22, LogLevel.Error, "the clock jumped by {Jump}: keys are neither made nor destroyed until it has run evenly for a while; check it")]
    public static partial void ClockJumped(this ILogger logger, TimeSpan jump);
}
