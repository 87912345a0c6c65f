namespace Veil.PrivacyPass;

/// <summary>One entry of an issuer directory's <c>token-keys</c>.</summary>
/// <param name="TokenType">token-type; possibly one that the registry does not know.</param>
/// <param name="TokenKey">token-key, decoded; checked only when it is used.</param>
/// <param name="NotBefore">From when clients may use the key; null means at once.</param>
public sealed record IssuerDirectoryKey(ushort TokenType, ReadOnlyMemory<byte> TokenKey, DateTimeOffset? NotBefore)
{
    /// <summary>True when clients may use the key.</summary>
    public bool IsUsableAt(DateTimeOffset now) => NotBefore is not DateTimeOffset start || start <= now;
}
