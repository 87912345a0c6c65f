namespace Veil.Issuer;

/// <summary>What is stored of an API key.</summary>
/// <param name="Salt">16 bytes.</param>
/// <param name="Hash">SHA-256(salt || secret).</param>
public sealed record ApiKeyHash(byte[] Salt, byte[] Hash);
