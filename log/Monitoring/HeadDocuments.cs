using System.Security.Cryptography;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>A folder of the documents that heads name, each in a file named by its hash.</summary>
internal sealed class HeadDocuments(string folder)
{
    /// <summary>Longest document that is read: more than any that clients take.</summary>
    public const int MaxSize = 16 << 20;

    /// <summary>A document; null where it is not there, too long, or another one.</summary>
    public byte[]? Find(ReadOnlySpan<byte> hash)
    {
        var file = new FileInfo(Path.Combine(folder, Convert.ToHexStringLower(hash)));
        if (!file.Exists || file.Length > MaxSize)
            return null;
        byte[] document = File.ReadAllBytes(file.FullName);
        return SHA256.HashData(document).AsSpan().SequenceEqual(hash) ? document : null;
    }
}
