using System.Globalization;
using System.Text.Json;

namespace Veil.Attestation.Tdx;

/// <summary>Reads members of collateral and fails once; members that are not asked for are the vendor's to add.</summary>
internal sealed class CollateralObject
{
    private const int MaxItems = 256;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>True after a member that was missing or of another form.</summary>
    public bool Failed { get; private set; }

    /// <summary>A text.</summary>
    public string Text(JsonElement element, string name) => Find(element, name, JsonValueKind.String) is { } value ? value.GetString()! : string.Empty;

    /// <summary>An instant in UTC, to the second.</summary>
    public DateTimeOffset Time(JsonElement element, string name)
    {
        if (DateTimeOffset.TryParseExact(Text(element, name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            return time;
        }

        Failed = true;
        return default;
    }

    /// <summary>Bytes as hexadecimal digits of either case.</summary>
    public byte[] Bytes(JsonElement element, string name, int size)
    {
        string digits = Text(element, name);
        if (digits.Length == 2 * size && digits.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(digits);
        }

        Failed = true;
        return new byte[size];
    }

    /// <summary>A whole number from 0.</summary>
    public uint Number(JsonElement element, string name, uint most)
    {
        if (Find(element, name, JsonValueKind.Number) is { } value && value.TryGetUInt32(out uint number) && number <= most)
        {
            return number;
        }

        Failed = true;
        return 0;
    }

    /// <summary>An object; the element itself, which the next question fails on, where it is missing.</summary>
    public JsonElement Object(JsonElement element, string name) => Find(element, name, JsonValueKind.Object) ?? element;

    /// <summary>A list, at most 256 long.</summary>
    /// <param name="element">The object.</param>
    /// <param name="name">The member.</param>
    /// <param name="optional">Whether it may be absent.</param>
    public IReadOnlyList<JsonElement> List(JsonElement element, string name, bool optional = false)
    {
        if (optional && !element.TryGetProperty(name, out _))
        {
            return [];
        }

        if (Find(element, name, JsonValueKind.Array) is { } value && value.GetArrayLength() <= MaxItems)
        {
            return [.. value.EnumerateArray()];
        }

        Failed = true;
        return [];
    }

    /// <summary>Status, date and advisories of a level.</summary>
    public TcbOutcome Outcome(JsonElement level)
    {
        string word = Text(level, "tcbStatus");
        TcbStatus[] known = [.. Enum.GetValues<TcbStatus>().Where(status => status.ToString() == word)];
        Failed |= known.Length != 1;
        string date = Text(level, "tcbDate");
        IReadOnlyList<JsonElement> advisories = List(level, "advisoryIDs", optional: true);
        Failed |= advisories.Any(advisory => advisory.ValueKind is not JsonValueKind.String);
        return Failed ? new(TcbStatus.Revoked, string.Empty, []) : new(known[0], date, [.. advisories.Select(advisory => advisory.GetString()!)]);
    }

    /// <summary>Levels by security version, which have to descend.</summary>
    public IReadOnlyList<SvnLevel> SvnLevels(JsonElement element)
    {
        SvnLevel[] levels = [.. List(element, "tcbLevels").Select(level => new SvnLevel((ushort)Number(Object(level, "tcb"), "isvsvn", ushort.MaxValue), Outcome(level)))];
        for (int i = 1; i < levels.Length; i++)
        {
            Failed |= levels[i].Svn >= levels[i - 1].Svn;
        }

        return levels;
    }

    private JsonElement? Find(JsonElement element, string name, JsonValueKind kind)
    {
        if (element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == kind)
        {
            return value;
        }

        Failed = true;
        return null;
    }
}
