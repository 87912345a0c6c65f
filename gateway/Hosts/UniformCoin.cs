using System.Security.Cryptography;

namespace Veil.Gateway.Hosts;

/// <summary>
/// The only way in which a host is chosen: uniformly, from the system's random numbers, whatever the hosts' load or place. So nobody can learn from
/// the choice who asked, and the gateway has no freedom to steer.
/// </summary>
internal static class UniformCoin
{
    /// <summary>An index below <paramref name="sides"/>, each as likely as the next.</summary>
    public static int Flip(int sides) => RandomNumberGenerator.GetInt32(sides);
}
