using System.Net.Http.Headers;

namespace Veil.ServiceDefaults;

/// <summary>A file with one secret that is shown as <c>Authorization: Bearer</c> (RFC 6750 section 2.1); white space around it is ignored.</summary>
public static class BearerSecretFile
{
    /// <summary>Longest file in bytes; secrets have some 50.</summary>
    private const int MaxSize = 4096;

    /// <summary>Reads the field value.</summary>
    /// <exception cref="InvalidDataException">It holds no secret, or more than one word.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This account may not read it.</exception>
    public static AuthenticationHeaderValue Read(string path)
    {
        string secret = new FileInfo(path).Length <= MaxSize ? File.ReadAllText(path).Trim() : "";
        if (secret.Length is 0 || secret.Any(character => character is <= ' ' or >= '\x7F'))
            throw new InvalidDataException("the file does not hold one word of printable ASCII");
        return new("Bearer", secret);
    }
}
