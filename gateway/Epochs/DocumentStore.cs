using System.Globalization;
using System.Security.Cryptography;

namespace Veil.Gateway.Epochs;

/// <summary>
/// The documents that heads of this authority name, each in a file named by its hash. Clients ask for those of older heads too, so they are kept for as long as
/// such a head can be looked at.
/// </summary>
internal sealed class DocumentStore
{
    private readonly string _folder;

    /// <exception cref="IOException">The folder cannot be made.</exception>
    public DocumentStore(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>Keeps a document and gives its hash; what is there already stays.</summary>
    public async Task<byte[]> KeepAsync(ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        byte[] hash = SHA256.HashData(document.Span);
        string file = FileOf(hash);
        if (File.Exists(file))
        {
            Touch(file);
            return hash;
        }

        await WriteAsync(file, document, cancellationToken);
        return hash;
    }

    /// <summary>Keeps the first checkpoint of an epoch's head: what shows for as long as anybody asks when the head was public.</summary>
    public async Task KeepCheckpointAsync(long epoch, ReadOnlyMemory<byte> checkpoint, CancellationToken cancellationToken)
    {
        if (!File.Exists(CheckpointFileOf(epoch)))
            await WriteAsync(CheckpointFileOf(epoch), checkpoint, cancellationToken);
    }

    /// <summary>The first checkpoint of an epoch's head; null where it is not kept here.</summary>
    public async Task<byte[]?> FindCheckpointAsync(long epoch, CancellationToken cancellationToken)
    {
        string file = CheckpointFileOf(epoch);
        if (!File.Exists(file))
            return null;
        Touch(file);
        return await File.ReadAllBytesAsync(file, cancellationToken);
    }

    /// <summary>A document by its hash; null where it is not kept here.</summary>
    public async Task<byte[]?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        try
        {
            string file = FileOf(hash.Span);
            byte[] document = await File.ReadAllBytesAsync(file, cancellationToken);
            Touch(file);
            return SHA256.HashData(document).AsSpan().SequenceEqual(hash.Span) ? document : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Keeps the records of a fleet under its root.</summary>
    public async Task KeepFleetAsync(ReadOnlyMemory<byte> root, IReadOnlyList<ReadOnlyMemory<byte>> records, CancellationToken cancellationToken)
    {
        byte[] list = new byte[records.Count * SHA256.HashSizeInBytes];
        for (int i = 0; i < records.Count; i++)
            (await KeepAsync(records[i], cancellationToken)).CopyTo(list, i * SHA256.HashSizeInBytes);
        string file = FleetFileOf(root.Span);
        await File.WriteAllBytesAsync($"{file}.partial", list, cancellationToken);
        File.Move($"{file}.partial", file, overwrite: true);
    }

    /// <summary>The records of a fleet in its order; null where one is not kept here.</summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>?> FindFleetAsync(ReadOnlyMemory<byte> root, CancellationToken cancellationToken)
    {
        if (!File.Exists(FleetFileOf(root.Span)))
            return null;

        byte[] list = await File.ReadAllBytesAsync(FleetFileOf(root.Span), cancellationToken);
        var records = new List<ReadOnlyMemory<byte>>();
        for (int at = 0; at < list.Length; at += SHA256.HashSizeInBytes)
        {
            if (await FindAsync(list.AsMemory(at, SHA256.HashSizeInBytes), cancellationToken) is not { } record)
                return null;
            records.Add(record);
        }

        return records;
    }

    /// <summary>Removes what no head has named since <paramref name="oldest"/>.</summary>
    public void Forget(DateTimeOffset oldest)
    {
        foreach (string file in Directory.EnumerateFiles(_folder))
        {
            if (File.GetLastWriteTimeUtc(file) < oldest.UtcDateTime)
                File.Delete(file);
        }
    }

    /// <summary>Young again: it is in use. A replica that may only read leaves that to the others.</summary>
    private static void Touch(string file)
    {
        try
        {
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // As the summary says.
        }
    }

    private static async Task WriteAsync(string file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string partial = $"{file}.{Guid.NewGuid():n}";
        await using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
        {
            await stream.WriteAsync(content, cancellationToken);
            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, file, overwrite: true);
    }

    private string CheckpointFileOf(long epoch) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"checkpoint-{epoch}"));

    private string FleetFileOf(ReadOnlySpan<byte> root) => Path.Combine(_folder, $"fleet-{Convert.ToHexStringLower(root)}");

    private string FileOf(ReadOnlySpan<byte> hash) => Path.Combine(_folder, Convert.ToHexStringLower(hash));
}
