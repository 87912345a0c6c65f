using System.Buffers.Binary;

namespace Veil.TransparencyLog.Storage;

/// <summary>
/// All entries in one file, <c>{ lp16(entry) SHA-256(entry)[0:8] }*</c>: the one thing that must be durable before anything is signed. Everything else in the folder is made
/// from it. Only its end can be torn, by a crash before an acknowledgement; a start cuts that off.
/// </summary>
internal sealed class EntryJournal : IDisposable
{
    private const int CheckSize = 8;

    private readonly FileStream _file;
    private readonly List<long> _offsets = [];
    private long _end;
    private bool _isBroken;

    private EntryJournal(FileStream file) => _file = file;

    /// <summary>How many entries there are.</summary>
    public long Count => _offsets.Count;

    /// <summary>Bytes that a crash left at the end and that were cut off.</summary>
    public long Torn { get; private set; }

    /// <summary>Opens the journal of a folder and reads it through.</summary>
    /// <param name="path">The file; made when absent.</param>
    /// <param name="take">Gets each entry in order.</param>
    /// <exception cref="InvalidDataException">Something before the end is not what was written.</exception>
    public static EntryJournal Open(string path, Action<ReadOnlyMemory<byte>> take)
    {
        bool isNew = !File.Exists(path);
        var journal = new EntryJournal(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1 << 16));
        if (isNew)
            DirectorySync.Flush(Path.GetDirectoryName(path)!);
        journal.ReadThrough(take);
        return journal;
    }

    /// <summary>Writes entries after one another and waits for the disk: they are there when this returns.</summary>
    public void Append(IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        byte[] frames = new byte[entries.Sum(entry => FrameSize(entry.Length))];
        int at = 0;
        foreach (ReadOnlyMemory<byte> entry in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frames.AsSpan(at), checked((ushort)entry.Length));
            entry.Span.CopyTo(frames.AsSpan(at + 2));
            Check(entry.Span).CopyTo(frames.AsSpan(at + 2 + entry.Length));
            at += FrameSize(entry.Length);
        }

        // After a failed write or fsync nobody knows what the disk holds: nothing more is written until a start has read it.
        if (_isBroken)
            throw new IOException("the journal failed before: start again");
        _isBroken = true;
        RandomAccess.Write(_file.SafeFileHandle, frames, _end);
        RandomAccess.FlushToDisk(_file.SafeFileHandle);
        _isBroken = false;
        foreach (ReadOnlyMemory<byte> entry in entries)
        {
            _offsets.Add(_end);
            _end += FrameSize(entry.Length);
        }
    }

    /// <summary>The entries of a tile, or fewer at the end.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Read(long first, int count)
    {
        var entries = new List<ReadOnlyMemory<byte>>(count);
        long start = _offsets[checked((int)first)];
        long end = first + count < _offsets.Count ? _offsets[checked((int)(first + count))] : _end;
        byte[] frames = new byte[end - start];
        for (int read = 0; read < frames.Length;)
        {
            int more = RandomAccess.Read(_file.SafeFileHandle, frames.AsSpan(read), start + read);
            read += more > 0 ? more : throw new IOException("the journal was cut while it was open");
        }

        for (long i = first; i < first + count; i++)
        {
            int at = (int)(_offsets[checked((int)i)] - start);
            entries.Add(frames.AsMemory(at + 2, BinaryPrimitives.ReadUInt16BigEndian(frames.AsSpan(at))));
        }

        return entries;
    }

    public void Dispose() => _file.Dispose();

    private static int FrameSize(int entry) => 2 + entry + CheckSize;

    private static byte[] Check(ReadOnlySpan<byte> entry) => System.Security.Cryptography.SHA256.HashData(entry)[..CheckSize];

    private void ReadThrough(Action<ReadOnlyMemory<byte>> take)
    {
        byte[] head = new byte[2];
        _file.Position = 0;
        while (true)
        {
            int read = _file.ReadAtLeast(head, 2, throwOnEndOfStream: false);
            int size = read is 2 ? BinaryPrimitives.ReadUInt16BigEndian(head) : 0;
            byte[] body = new byte[size + CheckSize];
            if (read < 2 || _file.ReadAtLeast(body, body.Length, throwOnEndOfStream: false) < body.Length)
                break;
            if (!Check(body.AsSpan(0, size)).AsSpan().SequenceEqual(body.AsSpan(size)))
            {
                // A torn write leaves what it did not write as zeros or absent, and it is the last.
                if (_file.Position == _file.Length || IsZeroToTheEnd())
                    break;
                throw new InvalidDataException($"entry {_offsets.Count} of the journal is not what was written: restore the folder from a copy");
            }

            _offsets.Add(_end);
            _end += FrameSize(size);
            take(body.AsMemory(0, size));
        }

        Torn = _file.Length - _end;
        if (Torn > 0)
        {
            _file.SetLength(_end);
            _file.Flush(flushToDisk: true);
        }
    }

    private bool IsZeroToTheEnd()
    {
        byte[] rest = new byte[1 << 16];
        _file.Position = _end;
        for (int read; (read = _file.Read(rest)) > 0;)
        {
            if (rest.AsSpan(0, read).ContainsAnyExcept((byte)0))
                return false;
        }

        return true;
    }
}
