using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Veil.Issuer;

/// <summary>
/// What an account holder proves itself with: <c>veil-ID-SECRET</c>, 16 and 64 lower-case hex digits. The secret has 256 random bits, so one salted
/// SHA-256 keeps it; a slow hash would only help guessing at the issuer's expense.
/// </summary>
public sealed class ApiKey
{
    private const string Prefix = "veil-";
    private const int IdDigits = 16;
    private const int SecretDigits = 64;
    private const int SaltSize = 16;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private readonly byte[] _secret;

    private ApiKey(string accountId, byte[] secret)
    {
        AccountId = accountId;
        _secret = secret;
    }

    /// <summary>Which account; not secret.</summary>
    public string AccountId { get; }

    /// <summary>A key for a new account.</summary>
    public static ApiKey Create() =>
        new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdDigits / 2)), RandomNumberGenerator.GetBytes(SecretDigits / 2));

    /// <summary>Parses what an <c>Authorization: Bearer</c> field carries.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        if (text.Length != Prefix.Length + IdDigits + 1 + SecretDigits || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + IdDigits] != '-')
            return false;

        ReadOnlySpan<char> id = text.Slice(Prefix.Length, IdDigits);
        ReadOnlySpan<char> secret = text[^SecretDigits..];
        if (id.ContainsAnyExcept(HexDigits) || secret.ContainsAnyExcept(HexDigits))
            return false;

        key = new(id.ToString(), Convert.FromHexString(secret));
        return true;
    }

    /// <summary>A salt for a new account.</summary>
    public static byte[] NewSalt() => RandomNumberGenerator.GetBytes(SaltSize);

    /// <summary>What is stored in place of the secret: SHA-256(salt || secret).</summary>
    public byte[] Hash(ReadOnlySpan<byte> salt) => SHA256.HashData([.. salt, .. _secret]);

    /// <summary>The whole key, to be shown once.</summary>
    public string Reveal() => $"{Prefix}{AccountId}-{Convert.ToHexStringLower(_secret)}";

    /// <summary>The public half alone.</summary>
    public override string ToString() => $"API key of account {AccountId}";
}
