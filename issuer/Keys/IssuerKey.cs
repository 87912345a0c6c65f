using Veil.PrivacyPass;

namespace Veil.Issuer;

/// <summary>A token key of this issuer.</summary>
public sealed class IssuerKey(TokenIssuerKey key) : IDisposable
{
    /// <summary>Signs and verifies.</summary>
    public TokenIssuerKey Key { get; } = key;

    /// <summary>Which rows of the stores belong to this key.</summary>
    public long Partition { get; } = TokenPartition.Of(key.PublicKey.KeyId);

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();
}
