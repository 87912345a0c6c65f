namespace Veil.Issuer;

/// <summary>What a gateway presents, where it stands in the call's body: nothing about it is verified yet.</summary>
/// <param name="Token">The token's bytes.</param>
/// <param name="RedemptionId">16 bytes that the gateway drew.</param>
internal readonly record struct PresentedToken(ReadOnlyMemory<byte> Token, ReadOnlyMemory<byte> RedemptionId);
