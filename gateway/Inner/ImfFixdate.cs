namespace Veil.Gateway.Inner;

/// <summary>
/// The one form of a Date that is sent (RFC 9110 section 5.6.7), such as <c>Sun, 06 Nov 1994 08:49:37 GMT</c>: 29 characters, a weekday that fits the
/// day, no leap second. Every request has one, and the framework's general parser takes ten times as long.
/// </summary>
internal static class ImfFixdate
{
    private const string Days = "SunMonTueWedThuFriSat";
    private const string Months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    private const int Length = 29;

    /// <summary>Reads a date; false for anything else than the exact form.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset date)
    {
        date = default;
        if (text.Length != Length || text is not [_, _, _, ',', ' ', _, _, ' ', _, _, _, ' ', _, _, _, _, ' ', _, _, ':', _, _, ':', _, _, ' ', 'G', 'M', 'T'])
            return false;

        int month = 1 + IndexOfName(Months, text.Slice(8, 3));
        int year = Digits(text.Slice(12, 4));
        int day = Digits(text.Slice(5, 2));
        int hour = Digits(text.Slice(17, 2));
        int minute = Digits(text.Slice(20, 2));
        int second = Digits(text.Slice(23, 2));
        if (month is 0 || year is < 1 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59)
            return false;

        date = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
        return IndexOfName(Days, text[..3]) == (int)date.DayOfWeek;
    }

    /// <summary>The place of a three-letter name, or -1.</summary>
    private static int IndexOfName(string names, ReadOnlySpan<char> name)
    {
        for (int i = 0; i < names.Length; i += 3)
        {
            if (names.AsSpan(i, 3).SequenceEqual(name))
                return i / 3;
        }

        return -1;
    }

    /// <summary>The number, or -1 where one character is no digit.</summary>
    private static int Digits(ReadOnlySpan<char> text)
    {
        int number = 0;
        foreach (char digit in text)
        {
            if (!char.IsAsciiDigit(digit))
                return -1;
            number = number * 10 + digit - '0';
        }

        return number;
    }
}
