using System.Security.Cryptography;

namespace Veil.ClientSdk;

/// <summary>Waits that part what a client does in the background from the request that made it necessary.</summary>
internal static class RandomDelay
{
    /// <summary>Exponential: however long nothing happened, nothing says when it will. At most 20 times the mean.</summary>
    public static TimeSpan Exponential(TimeSpan mean)
    {
        double uniform = (RandomNumberGenerator.GetInt32(int.MaxValue) + 1.0) / int.MaxValue;
        return TimeSpan.FromSeconds(Math.Min(-Math.Log(uniform), 20) * mean.TotalSeconds);
    }
}
