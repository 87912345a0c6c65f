namespace Veil.Issuer;

/// <summary>One token to be spent once, after its authenticator was verified.</summary>
/// <param name="Partition">Of the token's key: <see cref="TokenPartition"/>.</param>
/// <param name="TokenHash">SHA-256 of the whole token, 32 bytes.</param>
/// <param name="RedemptionId">16 bytes that the gateway drew for one inbound request.</param>
public sealed record Redemption(long Partition, byte[] TokenHash, byte[] RedemptionId);
