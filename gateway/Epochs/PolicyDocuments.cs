namespace Veil.Gateway.Epochs;

/// <summary>What a head says of hosts.</summary>
/// <param name="Policy">The policy document.</param>
/// <param name="Releases">The releases document.</param>
internal sealed record PolicyDocuments(ReadOnlyMemory<byte> Policy, ReadOnlyMemory<byte> Releases);
