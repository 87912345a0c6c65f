using System.Buffers;

namespace Veil.Bhttp;

/// <summary>What a field name and value may hold (RFC 9292 section 3.6, RFC 9113 section 8.2.1, RFC 9110 section 5).</summary>
internal static class FieldRules
{
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> ControlBytes = SearchValues.Create([.. Controls()]);
    private static readonly SearchValues<char> NameChars = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> ControlChars = SearchValues.Create([.. Controls().Select(control => (char)control)]);

    public static bool IsName(ReadOnlySpan<byte> name) => !name.IsEmpty && !name.ContainsAnyExcept(NameBytes);

    public static bool IsName(ReadOnlySpan<char> name) => !name.IsEmpty && !name.ContainsAnyExcept(NameChars);

    public static bool IsValue(ReadOnlySpan<byte> value) =>
        value.IsEmpty || (!IsBlank(value[0]) && !IsBlank(value[^1]) && !value.ContainsAny(ControlBytes));

    public static bool IsValue(ReadOnlySpan<char> value) =>
        value.IsEmpty || (!IsBlank(value[0]) && !IsBlank(value[^1]) && !value.ContainsAny(ControlChars) && !value.ContainsAnyExceptInRange('\0', '\u00FF'));

    /// <summary>True for the five names that would repeat control data.</summary>
    public static bool IsControlDataName(ReadOnlySpan<byte> name) =>
        name.SequenceEqual(":method"u8) || name.SequenceEqual(":scheme"u8) || name.SequenceEqual(":authority"u8)
        || name.SequenceEqual(":path"u8) || name.SequenceEqual(":status"u8);

    private static bool IsBlank(int octet) => octet is ' ' or '\t';

    private static IEnumerable<byte> Controls() => Enumerable.Range(0, 0x20).Append(0x7F).Where(octet => octet is not '\t').Select(octet => (byte)octet);
}
