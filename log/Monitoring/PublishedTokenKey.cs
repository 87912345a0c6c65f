namespace Veil.TransparencyLog.Monitoring;

/// <summary>One entry of an issuer directory's <c>token-keys</c> (RFC 9578 section 4).</summary>
/// <param name="TokenType">token-type.</param>
/// <param name="TokenKey">token-key as it is spelled: clients take one spelling of a value and no other.</param>
/// <param name="NotBefore">not-before in seconds since 1970 UTC; null for a key that is used at once.</param>
internal sealed record PublishedTokenKey(ushort TokenType, string TokenKey, long? NotBefore);
