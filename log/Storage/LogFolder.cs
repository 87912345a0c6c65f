using Veil.Transparency;

namespace Veil.TransparencyLog.Storage;

/// <summary>
/// A log on plain files: <c>journal</c> (the entries, durable), <c>public/checkpoint</c> and <c>public/tile/…</c> (C2SP tlog-tiles, which any web server can serve),
/// <c>lock</c> (one writer at a time), <c>origin</c> and the log's key id, so that a folder is never continued under another name.
/// </summary>
internal sealed class LogFolder : IDisposable
{
    private readonly string _folder;
    private readonly FileStream _lock;
    private readonly EntryJournal _journal;
    private long _tiled;

    private LogFolder(string folder, FileStream @lock, EntryJournal journal, GrowingTree tree)
    {
        _folder = folder;
        _lock = @lock;
        _journal = journal;
        Tree = tree;
    }

    /// <summary>The tree over the entries.</summary>
    public GrowingTree Tree { get; }

    /// <summary>Bytes that a crash left at the journal's end and that were cut off.</summary>
    public long Torn => _journal.Torn;

    /// <summary>The folder that may be served to everyone.</summary>
    public string PublicFolder => Path.Combine(_folder, "public");

    private string CheckpointFile => Path.Combine(PublicFolder, "checkpoint");

    /// <summary>Opens a folder for writing, and repairs what a crash left.</summary>
    /// <exception cref="LogFolderException">It is in use, damaged, another log's, or cannot be written; the message is one line.</exception>
    public static LogFolder Open(string folder, NoteVerifierKey key, string origin)
    {
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "public", "tile"));
            FileStream held = WriterLock.Hold(folder, "another process writes this log; stop it first");
            try
            {
                Claim(Path.Combine(folder, "origin"), $"{origin}\n{key}\n");
                var tree = new GrowingTree();
                EntryJournal journal = EntryJournal.Open(Path.Combine(folder, "journal"), entry => tree.Append(MerkleTree.LeafHash(entry.Span)));
                var log = new LogFolder(folder, held, journal, tree);
                log.WriteTiles();
                return log;
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new LogFolderException($"{folder}: {failure.Message}", failure);
        }
    }

    /// <summary>Adds entries: on the disk when this returns, tiles written, no checkpoint yet.</summary>
    public void Append(IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        _journal.Append(entries);
        foreach (ReadOnlyMemory<byte> entry in entries)
            Tree.Append(MerkleTree.LeafHash(entry.Span));
        WriteTiles();
    }

    /// <summary>An entry.</summary>
    public ReadOnlyMemory<byte> Read(long index) => _journal.Read(index, 1)[0];

    /// <summary>Publishes a checkpoint; on the disk when this returns. Tiles that could not be written before are written first.</summary>
    public void Publish(ReadOnlySpan<byte> checkpoint)
    {
        if (_tiled < Tree.Size)
            WriteTiles();
        WholeFile.WriteDurably(CheckpointFile, checkpoint);
    }

    /// <summary>The published checkpoint; null before the first.</summary>
    public byte[]? ReadCheckpoint() => File.Exists(CheckpointFile) ? File.ReadAllBytes(CheckpointFile) : null;

    public void Dispose()
    {
        _journal.Dispose();
        _lock.Dispose();
    }

    private static void Claim(string path, string identity)
    {
        if (!File.Exists(path))
            WholeFile.WriteDurably(path, System.Text.Encoding.UTF8.GetBytes(identity));
        else if (File.ReadAllText(path) != identity)
            throw new IOException("the folder is of another origin or key; a log keeps both for as long as it lives");
    }

    /// <summary>Writes every tile that the entries since the last time change: full ones once, partial ones under their width.</summary>
    private void WriteTiles()
    {
        long size = Tree.Size;
        for (long tile = _tiled / TilePath.FullWidth; tile * TilePath.FullWidth < size; tile++)
        {
            int width = (int)Math.Min(TilePath.FullWidth, size - (tile * TilePath.FullWidth));
            Write(TilePath.OfEntries(tile, width), () => EntryBundle.Encode([.. _journal.Read(tile * TilePath.FullWidth, width)]));
        }

        for (int level = 0; size >> (level * TilePath.LevelHeight) > 0; level++)
        {
            long hashes = size >> (level * TilePath.LevelHeight);
            for (long tile = (_tiled >> (level * TilePath.LevelHeight)) / TilePath.FullWidth; tile * TilePath.FullWidth < hashes; tile++)
            {
                int width = (int)Math.Min(TilePath.FullWidth, hashes - (tile * TilePath.FullWidth));
                Write(TilePath.OfHashes(level, tile, width), () => Hashes(level, tile, width));
            }
        }

        _tiled = size;
    }

    private byte[] Hashes(int level, long tile, int width)
    {
        byte[] hashes = new byte[width * MerkleTree.HashSize];
        for (int i = 0; i < width; i++)
            Tree.Subtree(level * TilePath.LevelHeight, (tile * TilePath.FullWidth) + i).CopyTo(hashes.AsSpan(i * MerkleTree.HashSize));
        return hashes;
    }

    private void Write(string path, Func<byte[]> content)
    {
        string file = Path.Combine(PublicFolder, path);

        // A tile's bytes are settled by its name. After a loss of power it may be there and empty.
        if (!File.Exists(file) || new FileInfo(file).Length is 0 || _tiled is 0)
            WholeFile.Write(file, content());
    }
}
