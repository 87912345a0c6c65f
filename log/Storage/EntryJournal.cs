using System.Buffers.Binary;
using Veil.Transparency;

namespace Veil.TransparencyLog.Storage;

/// <summary>
/// All entries in one file, <c>{ lp16(entry) leaf-hash(entry)[0:8] }*</c>: the one thing that must be durable before anything is signed. Everything else in the folder is made
/// from it. Only its end can be torn, by a crash before an acknowledgement; a start cuts that off. One thread appends, any number read.
/// </summary>
internal sealed class EntryJournal : IDisposable
{
    private const int LengthSize = 2;
    private const int CheckSize = 8;

    private readonly FileStream _file;

    /// <summary>Where each entry begins, and where the next one will.</summary>
    private readonly List<long> _starts = [0];
    private readonly Lock _gate = new();

    /// <summary>The frames of a batch; kept, because a batch is large enough to be a burden for the collector.</summary>
    private byte[] _frames = [];
    private bool _isBroken;

    private EntryJournal(FileStream file) => _file = file;

    /// <summary>How many entries there are.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
                return _starts.Count - 1;
        }
    }

    /// <summary>True once a write failed: nothing more is taken until a start has read what the disk holds.</summary>
    public bool IsBroken => Volatile.Read(ref _isBroken);

    /// <summary>Bytes that a crash left at the end and that were cut off.</summary>
    public long Torn { get; private set; }

    /// <summary>Opens the journal of a folder and reads it through.</summary>
    /// <param name="path">The file; made when absent.</param>
    /// <param name="acknowledged">How many entries anybody was told of: damage after them is a batch that a crash tore, in whatever order the disk took its pages.</param>
    /// <param name="take">Gets each entry's hash in order.</param>
    /// <exception cref="InvalidDataException">An acknowledged entry is not what was written.</exception>
    public static EntryJournal Open(string path, long acknowledged, Action<byte[]> take)
    {
        bool isNew = !File.Exists(path);
        var journal = new EntryJournal(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1 << 16));
        if (isNew)
            DirectorySync.Flush(Path.GetDirectoryName(path)!);
        journal.ReadThrough(acknowledged, take);
        return journal;
    }

    /// <summary>Writes entries after one another and waits for the disk: they are there when this returns.</summary>
    public void Append(IReadOnlyList<LogEntry> entries)
    {
        int size = entries.Sum(entry => FrameSize(entry.Content.Length));
        if (_frames.Length < size)
            _frames = new byte[size];
        Span<byte> frames = _frames.AsSpan(0, size);
        long[] starts = new long[entries.Count];
        int at = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            ReadOnlySpan<byte> content = entries[i].Content.Span;
            Span<byte> frame = frames.Slice(at, FrameSize(content.Length));
            BinaryPrimitives.WriteUInt16BigEndian(frame, checked((ushort)content.Length));
            content.CopyTo(frame[LengthSize..]);
            entries[i].LeafHash.AsSpan(0, CheckSize).CopyTo(frame[^CheckSize..]);
            at += frame.Length;
            starts[i] = _starts[^1] + at;
        }

        if (_isBroken)
            throw new IOException("the journal failed before: start again");
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, frames, _starts[^1]);
            RandomAccess.FlushToDisk(_file.SafeFileHandle);
        }
        catch
        {
            // Nobody knows what the disk holds: nothing more is written until a start has read it.
            Volatile.Write(ref _isBroken, true);
            throw;
        }

        lock (_gate)
            _starts.AddRange(starts);
    }

    /// <summary>An entry.</summary>
    public ReadOnlyMemory<byte> Read(long index) => ReadBundle(index, 1).AsMemory(LengthSize);

    /// <summary>Entries one after the other, as a tile has them: <c>{ lp16(entry) }*</c>.</summary>
    public byte[] ReadBundle(long first, int count)
    {
        long start, end;
        lock (_gate)
            (start, end) = (_starts[checked((int)first)], _starts[checked((int)(first + count))]);
        byte[] frames = new byte[end - start];
        for (int read = 0; read < frames.Length;)
        {
            int more = RandomAccess.Read(_file.SafeFileHandle, frames.AsSpan(read), start + read);
            read += more > 0 ? more : throw new IOException("the journal was cut while it was open");
        }

        byte[] bundle = new byte[frames.Length - (count * CheckSize)];
        int from = 0;
        for (int to = 0; to < bundle.Length;)
        {
            int size = LengthSize + BinaryPrimitives.ReadUInt16BigEndian(frames.AsSpan(from));
            frames.AsSpan(from, size).CopyTo(bundle.AsSpan(to));
            from += size + CheckSize;
            to += size;
        }

        return bundle;
    }

    public void Dispose() => _file.Dispose();

    private static int FrameSize(int entry) => LengthSize + entry + CheckSize;

    private void ReadThrough(long acknowledged, Action<byte[]> take)
    {
        byte[] head = new byte[LengthSize];
        _file.Position = 0;
        while (true)
        {
            int read = _file.ReadAtLeast(head, LengthSize, throwOnEndOfStream: false);
            int size = read is LengthSize ? BinaryPrimitives.ReadUInt16BigEndian(head) : 0;
            byte[] body = new byte[size + CheckSize];
            if (read < LengthSize || _file.ReadAtLeast(body, body.Length, throwOnEndOfStream: false) < body.Length)
                break;
            byte[] leaf = MerkleTree.LeafHash(body.AsSpan(0, size));
            if (!leaf.AsSpan(0, CheckSize).SequenceEqual(body.AsSpan(size)))
            {
                break;
            }

            _starts.Add(_starts[^1] + FrameSize(size));
            take(leaf);
        }

        if (Count < acknowledged && _starts[^1] < _file.Length)
            throw new InvalidDataException($"entry {Count} of the journal is not what was written: restore the folder from a copy");
        Torn = _file.Length - _starts[^1];
        if (Torn > 0)
        {
            _file.SetLength(_starts[^1]);
            _file.Flush(flushToDisk: true);
        }
    }
}
