using System.ComponentModel.DataAnnotations;

namespace Veil.Gateway.Replay;

/// <summary>How long and how many opened requests are remembered, so that none is answered twice (RFC 9458 section 6.5).</summary>
public sealed class ReplayOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Replay";

    /// <summary>
    /// How far a request's Date may be from this gateway's clock, either way. Default 2 min: the clocks of most devices are nearer. A request is remembered
    /// for at least twice this time, after which its Date alone refuses it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How many requests may be remembered at once: those of two and a quarter windows. Default 4,500,000, which serves 16,000 requests a second and takes
    /// about 200 MB when full. Beyond it requests are refused, because a replay could not be told.
    /// </summary>
    [Range(1_000, 100_000_000)]
    public int Capacity { get; init; } = 4_500_000;
}
