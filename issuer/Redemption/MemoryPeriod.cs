namespace Veil.Issuer;

/// <summary>
/// Redemptions are remembered by period, each as long as <see cref="ISpentTokenStore.Memory"/>, so that what is forgotten lies together: of the records of one period
/// the last is void when the next period ends. One period more is kept, for replicas whose clocks differ.
/// </summary>
internal static class MemoryPeriod
{
    /// <summary>Number of the period, counted from the Unix epoch.</summary>
    public static long Of(DateTimeOffset now) => Math.DivRem(now.ToUnixTimeSeconds(), (long)ISpentTokenStore.Memory.TotalSeconds).Quotient;

    /// <summary>The latest period whose records are all void and are written by nobody any more.</summary>
    public static long LastForgotten(DateTimeOffset now) => Of(now) - 2;

    /// <summary>Until when a redemption of now is remembered, in Unix seconds.</summary>
    public static long End(DateTimeOffset now) => (now + ISpentTokenStore.Memory).ToUnixTimeSeconds();
}
