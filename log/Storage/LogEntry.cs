using Veil.Transparency;

namespace Veil.TransparencyLog.Storage;

/// <summary>An entry with its hash, which is worked out once, where the entry comes in.</summary>
/// <param name="content">The exact bytes.</param>
internal sealed class LogEntry(ReadOnlyMemory<byte> content)
{
    /// <summary>The exact bytes.</summary>
    public ReadOnlyMemory<byte> Content { get; } = content;

    /// <summary>The leaf of the tree.</summary>
    public byte[] LeafHash { get; } = MerkleTree.LeafHash(content.Span);
}
