using System.ComponentModel.DataAnnotations;

namespace Veil.Gateway.View;

/// <summary>How long a signed view stands.</summary>
public sealed class ViewOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "View";

    /// <summary>
    /// How long a view is valid. Default 4 h, at most a day; signed anew when half of it is over, so that every client gets at least the other half. Shorter
    /// leaves less time to whoever replays an old view with a key that it names; longer lets more clocks be wrong.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(4);

    /// <summary>When the view of this moment begins to be valid: halves of a lifetime since 1970, so that replicas sign the same and nobody learns when it was made.</summary>
    internal DateTimeOffset NotBefore(DateTimeOffset now)
    {
        long half = (long)Lifetime.TotalSeconds / 2;
        return DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / half * half);
    }

    /// <summary>When it ends.</summary>
    internal DateTimeOffset NotAfter(DateTimeOffset now) => NotBefore(now) + TimeSpan.FromSeconds((long)Lifetime.TotalSeconds);
}
