using System.Text;

namespace Veil.EndToEnd;

/// <summary>Looks for a string in bytes: plain, base64 and base64url (at any alignment), hex and percent-encoded.</summary>
internal sealed class CanaryScan
{
    private readonly List<(string Form, byte[] Bytes)> _needles = [];

    /// <summary>Looks for an ASCII string.</summary>
    public CanaryScan(string canary)
        : this(Encoding.ASCII.GetBytes(canary))
    {
    }

    /// <summary>Looks for a byte string, such as a token.</summary>
    public CanaryScan(byte[] canary)
    {
        _needles.Add(("plain", canary));
        AddText("hex", Convert.ToHexStringLower(canary));
        AddText("hex", Convert.ToHexString(canary));
        AddText("percent-encoded", string.Concat(canary.Select(letter => $"%{letter:x2}")));
        AddText("percent-encoded", string.Concat(canary.Select(letter => $"%{letter:X2}")));
        for (int lead = 0; lead < 3; lead++)
        {
            // Which six bits a letter stands for depends on how many bytes came before: the groups that hold neighbours are left out.
            string base64 = Convert.ToBase64String([.. new byte[lead], .. canary]);
            string certain = base64[(lead == 0 ? 0 : 4)..((lead + canary.Length) / 3 * 4)];
            AddText("base64", certain);
            AddText("base64url", certain.Replace('+', '-').Replace('/', '_'));
        }
    }

    /// <summary>The form in which the canary stands in some bytes, or null.</summary>
    public string? FindIn(ReadOnlySpan<byte> haystack)
    {
        foreach ((string form, byte[] bytes) in _needles)
        {
            if (haystack.IndexOf(bytes) >= 0)
            {
                return form;
            }
        }

        return null;
    }

    private void AddText(string form, string text) => _needles.Add((form, Encoding.ASCII.GetBytes(text)));
}
