using System.Text;

namespace Veil.DevStack;

/// <summary>What of a person can be seen: the columns of the table.</summary>
[Flags]
public enum Secrets
{
    /// <summary>Nothing of the person.</summary>
    None = 0,

    /// <summary>The network address that the person asked from.</summary>
    Address = 1,

    /// <summary>The account, by the API key that stands for it.</summary>
    Account = 2,

    /// <summary>A token that was spent.</summary>
    Token = 4,

    /// <summary>The question in clear.</summary>
    Question = 8,

    /// <summary>The answer in clear.</summary>
    Answer = 16,
}

/// <summary>Byte strings whose presence shows that a secret went by in clear.</summary>
public sealed class SecretPatterns
{
    private readonly List<(Secrets Secret, byte[] Bytes)> _patterns = [];

    /// <summary>Adds a text to look for as it is and in base64.</summary>
    public void Add(Secrets secret, string text)
    {
        if (text.Length > 0)
        {
            _patterns.Add((secret, Encoding.UTF8.GetBytes(text)));
            _patterns.Add((secret, Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('='))));
        }
    }

    /// <summary>Adds bytes to look for raw, in base64 and in base64url.</summary>
    public void Add(Secrets secret, byte[] bytes)
    {
        string base64 = Convert.ToBase64String(bytes).TrimEnd('=');
        _patterns.Add((secret, bytes));
        _patterns.Add((secret, Encoding.UTF8.GetBytes(base64)));
        _patterns.Add((secret, Encoding.UTF8.GetBytes(base64.Replace('+', '-').Replace('/', '_'))));
    }

    /// <summary>The secrets that stand in some received bytes.</summary>
    public Secrets FoundIn(ReadOnlySpan<byte> received)
    {
        Secrets found = Secrets.None;
        foreach ((Secrets secret, byte[] bytes) in _patterns)
        {
            if (!found.HasFlag(secret) && received.IndexOf(bytes) >= 0)
            {
                found |= secret;
            }
        }

        return found;
    }
}
