using System.Globalization;
using System.Security.Cryptography;

namespace Veil.ClientSdk;

/// <summary>The inner Date field, off by a random time so that the error of one person's clock is not a mark.</summary>
internal static class InnerDate
{
    public static string Write(DateTimeOffset now, TimeSpan jitter)
    {
        int seconds = (int)jitter.TotalSeconds;
        return now.AddSeconds(RandomNumberGenerator.GetInt32(-seconds, seconds + 1)).UtcDateTime.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>How far the gateway's clock is ahead of ours, from the Date of its answer.</summary>
    public static bool TryReadOffset(string? date, DateTimeOffset now, out TimeSpan offset)
    {
        bool read = DateTimeOffset.TryParseExact(date, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset theirs);
        offset = read ? theirs - now : default;
        return read;
    }
}
