using System.Security.Cryptography;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>A folder of the documents that heads name, each in a file named by its hash, and of the lists of their fleets.</summary>
internal sealed class HeadDocuments(string folder)
{
    /// <summary>Longest document that is read: more than any that clients take, and the list of half a million hosts.</summary>
    public const int MaxSize = 16 << 20;

    /// <summary>A document; null where it is not there, too long, or another one.</summary>
    public byte[]? Find(ReadOnlySpan<byte> hash) =>
        Read(Convert.ToHexStringLower(hash)) is { } document && SHA256.HashData(document).AsSpan().SequenceEqual(hash) ? document : null;

    /// <summary>The host records of a fleet, as a gateway keeps them: <c>fleet-</c> and the root in hex names a list of their hashes. Null where there is no such list, null for a record that is not there.</summary>
    public IReadOnlyList<byte[]?>? FindFleet(ReadOnlySpan<byte> root) =>
        Read($"fleet-{Convert.ToHexStringLower(root)}") is { } list && list.Length % SHA256.HashSizeInBytes == 0
            ? [.. list.Chunk(SHA256.HashSizeInBytes).Select(hash => Find(hash))]
            : null;

    private byte[]? Read(string name)
    {
        try
        {
            var file = new FileInfo(Path.Combine(folder, name));
            return file.Exists && file.Length <= MaxSize ? File.ReadAllBytes(file.FullName) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A gateway forgets old ones while they are looked at; one that may not be read is as good as missing.
            return null;
        }
    }
}
