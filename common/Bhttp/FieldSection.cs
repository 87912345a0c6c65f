using System.Diagnostics.CodeAnalysis;
using System.Text;
using Veil.Wire;

namespace Veil.Bhttp;

/// <summary>
/// A header or trailer section: field lines in the order they were sent, repeated names included (RFC 9292 section 3.6).
/// What is in it may be written as it is: names are lower-case tokens, values hold no control character.
/// </summary>
public sealed class FieldSection
{
    private static readonly string[] ConnectionSpecific = ["connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"];

    /// <summary>Stands in for the lines of a section that has none: most trailer sections.</summary>
    private static readonly List<FieldLine> NoLines = [];

    private List<FieldLine> _lines = NoLines;

    /// <summary>Number of field lines.</summary>
    public int Count => _lines.Count;

    /// <summary>Length of all field lines on the wire, in bytes, without the section's own length or terminator.</summary>
    public int Size { get; private set; }

    /// <summary>The field line at a place in the order.</summary>
    public FieldLine this[int index] => _lines[index];

    /// <summary>Field lines in order, without allocation.</summary>
    public List<FieldLine>.Enumerator GetEnumerator() => _lines.GetEnumerator();

    /// <summary>True for fields that speak about one connection and must not outlive it (RFC 9113 section 8.2.2); the name in lower case.</summary>
    public static bool IsConnectionSpecific(string name) => Array.IndexOf(ConnectionSpecific, name) >= 0;

    /// <summary>Appends a field line; the name is put in lower case.</summary>
    /// <exception cref="ArgumentException">The name is not a token, or the value cannot be sent. The message does not hold the value.</exception>
    public FieldSection Add(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TryAdd(name, value) ? this : throw new ArgumentException("Not a field name, or its value has a control or non-Latin-1 character or white space at an end.", nameof(name));
    }

    /// <summary>Appends a field line whose parts come from a peer: false, and nothing added, when it cannot be sent.</summary>
    public bool TryAdd(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
#pragma warning disable CA1308 // Field names are lower case on this wire.
        string lower = name.ToLowerInvariant();
#pragma warning restore CA1308
        if (!FieldRules.IsName(lower) || !FieldRules.IsValue(value))
            return false;
        Append(new FieldLine(lower, value));
        return true;
    }

    /// <summary>The value of the first field line of that lower-case name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        foreach (FieldLine line in _lines)
        {
            if (line.Name == name)
            {
                value = line.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>True when a field line of that lower-case name is there.</summary>
    public bool Contains(string name) => TryGet(name, out _);

    /// <summary>The values of all field lines of that lower-case name, in order.</summary>
    public IEnumerable<string> ValuesOf(string name) => _lines.Where(line => line.Name == name).Select(line => line.Value);

    /// <summary>Takes out every field line that the predicate names.</summary>
    public void RemoveAll(Predicate<FieldLine> match)
    {
        _lines.RemoveAll(match);
        Size = _lines.Sum(line => line.Size);
    }

    /// <summary>Takes out connection-specific fields, and those that a Connection field declares to be such (RFC 9110 section 7.6.1).</summary>
    public void RemoveConnectionSpecific()
    {
        string[] named =
        [
            .. ValuesOf("connection").SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
        ];
        RemoveAll(line => IsConnectionSpecific(line.Name) || named.Contains(line.Name, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Appends a line that is known to be valid.</summary>
    internal void Append(FieldLine line)
    {
        if (ReferenceEquals(_lines, NoLines))
            _lines = new List<FieldLine>(capacity: 8);
        _lines.Add(line);
        Size += line.Size;
    }

    /// <summary>Writes the field lines, <see cref="Size"/> bytes.</summary>
    internal void Write(ref WireWriter writer)
    {
        foreach (FieldLine line in _lines)
        {
            WriteText(ref writer, line.Name);
            WriteText(ref writer, line.Value);
        }
    }

    /// <summary>A varint length, then the characters as Latin-1.</summary>
    internal static void WriteText(ref WireWriter writer, string text)
    {
        writer.WriteVarint((ulong)text.Length);
        Encoding.Latin1.GetBytes(text, writer.Claim(text.Length));
    }
}
