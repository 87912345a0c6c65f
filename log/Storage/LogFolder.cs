using Veil.Transparency;

namespace Veil.TransparencyLog.Storage;

/// <summary>
/// A log on the disk: <c>journal</c> (the entries), <c>checkpoint</c> (the last that was published), <c>lock</c> (one writer at a time), <c>origin</c> and the log's key, so
/// that a folder is never continued under another name. Tiles are made of it when they are asked for. One thread may append while another lets the tree grow, and others read
/// what is in already.
/// </summary>
internal sealed class LogFolder : IDisposable
{
    private readonly FileStream _lock;
    private readonly EntryJournal _journal;
    private readonly CheckpointFile _checkpoint;

    private LogFolder(FileStream @lock, EntryJournal journal, CheckpointFile checkpoint, GrowingTree tree) =>
        (_lock, _journal, _checkpoint, Tree) = (@lock, journal, checkpoint, tree);

    /// <summary>False once a write of entries failed; only a start mends that.</summary>
    public bool IsWritable => !_journal.IsBroken;

    /// <summary>The tree over the entries. Whoever publishes lets it grow by what was added: signing is not the writer's work.</summary>
    public GrowingTree Tree { get; }

    /// <summary>How many entries are on the disk.</summary>
    public long Count => _journal.Count;

    /// <summary>Bytes that a crash left at the journal's end and that were cut off.</summary>
    public long Torn => _journal.Torn;

    /// <summary>Opens a folder for writing, and repairs what a crash left.</summary>
    /// <exception cref="LogFolderException">It is in use, damaged, another log's, or cannot be written; the message is one line.</exception>
    public static LogFolder Open(string folder, NoteVerifierKey key, string origin)
    {
        try
        {
            Directory.CreateDirectory(folder);
            FileStream held = WriterLock.Hold(folder, "another process writes this log; stop it first");
            try
            {
                Claim(Path.Combine(folder, "origin"), $"{origin}\n{key}\n");
                var tree = new GrowingTree();
                CheckpointFile kept = CheckpointFile.Open(Path.Combine(folder, "checkpoint"));
                Checkpoint? published = Published(kept.Current, key, origin);
                EntryJournal journal = EntryJournal.Open(Path.Combine(folder, "journal"), published?.Size ?? 0, leaf => tree.Append(leaf));
                if (published is not null && (published.Size > tree.Size || !tree.Root(published.Size).AsSpan().SequenceEqual(published.Root.Span)))
                {
                    throw new InvalidDataException(
                        $"the journal has {tree.Size} entries and does not hold what the published checkpoint of {published.Size} says: restore the folder from a copy; never let this log go on");
                }

                return new LogFolder(held, journal, kept, tree);
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

    /// <summary>Adds entries: on the disk when this returns.</summary>
    public void Append(IReadOnlyList<LogEntry> entries) => _journal.Append(entries);

    /// <summary>An entry.</summary>
    public ReadOnlyMemory<byte> Read(long index) => _journal.Read(index);

    /// <summary>A tile's bytes; null where the first <paramref name="size"/> entries do not fill it.</summary>
    public byte[]? Read(TilePath tile, long size)
    {
        int height = (tile.Level ?? 0) * TilePath.LevelHeight;
        long count = height < 63 ? size >> height : 0;
        if (tile.Index >= count || (tile.Index * TilePath.FullWidth) + tile.Width > count)
            return null;
        long first = tile.Index * TilePath.FullWidth;
        if (tile.Level is null)
            return _journal.ReadBundle(first, tile.Width);

        byte[] hashes = new byte[tile.Width * MerkleTree.HashSize];
        for (int i = 0; i < tile.Width; i++)
            Tree.Subtree(height, first + i).CopyTo(hashes.AsSpan(i * MerkleTree.HashSize));
        return hashes;
    }

    /// <summary>The checkpoint that was published last; null before the first.</summary>
    public byte[]? Checkpoint => _checkpoint.Current;

    /// <summary>Keeps the checkpoint that is about to be published; on the disk when this returns.</summary>
    public void KeepCheckpoint(ReadOnlySpan<byte> checkpoint) => _checkpoint.Keep(checkpoint);

    public void Dispose()
    {
        _checkpoint.Dispose();
        _journal.Dispose();
        _lock.Dispose();
    }

    /// <summary>What the log itself signed last, whoever cosigned it; null before the first.</summary>
    private static Checkpoint? Published(byte[]? note, NoteVerifierKey key, string origin)
    {
        if (note is null)
            return null;
        return SignedNote.TryOpen(note, [key], out SignedNote? opened) && Transparency.Checkpoint.TryParse(opened.Text.Span, out Checkpoint? checkpoint) && checkpoint.Origin == origin
            ? checkpoint
            : throw new InvalidDataException("the checkpoint is not this log's: restore the folder from a copy");
    }

    private static void Claim(string path, string identity)
    {
        if (!File.Exists(path))
            WholeFile.WriteDurably(path, System.Text.Encoding.UTF8.GetBytes(identity));
        else if (File.ReadAllText(path) != identity)
            throw new IOException("the folder is of another origin or key; a log keeps both for as long as it lives");
    }
}
