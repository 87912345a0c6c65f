using System.Text.Json;

namespace Veil.Attestation.PolicyFile;

/// <summary>
/// One object of a policy's JSON, read member by member. Every problem becomes one line that names the member, and reading goes on, so that all are told at
/// once. Members that nobody asked for are a problem when <see cref="Complete"/> is called.
/// </summary>
internal sealed class PolicyObject
{
    private readonly JsonElement _element;
    private readonly string _path;
    private readonly List<string> _problems;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Wraps an element that may be no object: that is a problem, and no member is found.</summary>
    public PolicyObject(JsonElement element, string path, List<string> problems)
    {
        _element = element;
        _path = path;
        _problems = problems;
        if (element.ValueKind is not JsonValueKind.Object)
        {
            Refuse("an object is wanted.");
        }
    }

    /// <summary>Names of the members that are there.</summary>
    public IEnumerable<string> MemberNames => _element.ValueKind is JsonValueKind.Object ? _element.EnumerateObject().Select(member => member.Name) : [];

    /// <summary>True when the member is there; asks for it.</summary>
    public bool Has(string name) => TryFind(name, out _);

    /// <summary>True when the member is absent or an empty list.</summary>
    public bool IsEmpty(string name) => !TryFind(name, out JsonElement value) || (value.ValueKind is JsonValueKind.Array && value.GetArrayLength() == 0);

    /// <summary>Adds a problem with a member, or with the object itself.</summary>
    public void Refuse(string problem, string? name = null) => _problems.Add($"{(name is null ? _path.Length == 0 ? "policy" : _path : PathOf(name))}: {problem}");

    /// <summary>An object, or null where it is absent.</summary>
    public PolicyObject? Object(string name) => TryFind(name, out JsonElement value) ? new(value, PathOf(name), _problems) : null;

    /// <summary>A list of objects; empty where it is absent.</summary>
    public IReadOnlyList<PolicyObject> Objects(string name) => [.. Items(name).Select(item => new PolicyObject(item.Value, item.Path, _problems))];

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool absent)
    {
        if (!TryFind(name, out JsonElement value))
        {
            return absent;
        }

        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Refuse("true or false is wanted.", name);
        }

        return value.ValueKind is JsonValueKind.True;
    }

    /// <summary>A whole number in a range.</summary>
    public ulong Number(string name, ulong least, ulong most, ulong? absent)
    {
        if (!TryFind(name, out JsonElement value))
        {
            if (absent is null)
            {
                Refuse("is missing.", name);
            }

            return absent ?? least;
        }

        if (value.ValueKind is JsonValueKind.Number && value.TryGetUInt64(out ulong number) && number >= least && number <= most)
        {
            return number;
        }

        Refuse($"a whole number from {least} to {most} is wanted.", name);
        return least;
    }

    /// <summary>Text that is not empty.</summary>
    public string? Text(string name)
    {
        if (!TryFind(name, out JsonElement value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text)
        {
            return text;
        }

        Refuse("text is wanted.", name);
        return null;
    }

    /// <summary>A list of texts; empty where it is absent.</summary>
    public IReadOnlyCollection<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach ((string path, JsonElement value) in Items(name))
        {
            if (value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text)
            {
                texts.Add(text);
            }
            else
            {
                _problems.Add($"{path}: text is wanted.");
            }
        }

        return texts;
    }

    /// <summary>Bytes as hexadecimal digits, or null where they are absent.</summary>
    public ReadOnlyMemory<byte>? Bytes(string name, int size) => TryFind(name, out JsonElement value) ? ReadHex(value, PathOf(name), size) : null;

    /// <summary>A list of bytes as hexadecimal digits; <paramref name="absent"/> where it is absent.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> ByteLists(string name, int size, IReadOnlyCollection<ReadOnlyMemory<byte>> absent) =>
        Has(name) ? [.. Items(name).Select(item => ReadHex(item.Value, item.Path, size)).OfType<ReadOnlyMemory<byte>>()] : absent;

    /// <summary>A list of names from a table, as the sum of their bits.</summary>
    public ulong Bits(string name, IReadOnlyDictionary<string, ulong> names, ulong absent)
    {
        if (!Has(name))
        {
            return absent;
        }

        ulong bits = 0;
        foreach ((string path, JsonElement value) in Items(name))
        {
            if (value.ValueKind is JsonValueKind.String && names.TryGetValue(value.GetString()!, out ulong bit))
            {
                bits |= bit;
            }
            else
            {
                _problems.Add($"{path}: one of {string.Join(", ", names.Keys)} is wanted.");
            }
        }

        return bits;
    }

    /// <summary>One of a table's names, or <paramref name="absent"/>.</summary>
    public T OneOf<T>(string name, IReadOnlyDictionary<string, T> names, T absent)
    {
        if (!TryFind(name, out JsonElement value))
        {
            return absent;
        }

        if (value.ValueKind is JsonValueKind.String && names.TryGetValue(value.GetString()!, out T? found))
        {
            return found;
        }

        Refuse($"one of {string.Join(", ", names.Keys)} is wanted.", name);
        return absent;
    }

    /// <summary>Ends the reading: members that nobody asked for are refused.</summary>
    public void Complete()
    {
        foreach (string name in MemberNames.Where(name => !_asked.Contains(name)))
        {
            _problems.Add($"{PathOf(name)}: is no member of a policy.");
        }
    }

    private bool TryFind(string name, out JsonElement value)
    {
        _asked.Add(name);
        value = default;
        return _element.ValueKind is JsonValueKind.Object && _element.TryGetProperty(name, out value);
    }

    private IEnumerable<(string Path, JsonElement Value)> Items(string name)
    {
        if (!TryFind(name, out JsonElement value))
        {
            return [];
        }

        if (value.ValueKind is JsonValueKind.Array)
        {
            return value.EnumerateArray().Select((item, index) => ($"{PathOf(name)}[{index}]", item));
        }

        Refuse("a list is wanted.", name);
        return [];
    }

    private ReadOnlyMemory<byte>? ReadHex(JsonElement value, string path, int size)
    {
        string? digits = value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        if (digits is not null && digits.Length == 2 * size && digits.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(digits);
        }

        _problems.Add($"{path}: {2 * size} hexadecimal digits are wanted{(digits is null ? "" : $", found {digits.Length} characters")}.");
        return null;
    }

    private string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";
}
