using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Veil.TransparencyLog.Storage;

/// <summary>
/// The last published checkpoint, in two places of one file that are written in turn: whatever a crash does to the one, the other holds the checkpoint before. To keep one costs
/// one wait for the disk and no new file.
/// <code>
/// file := place(65,536) place(65,536),   place := number u64 | length u32 | note | SHA-256(number | length | note)[0:8] | zeros
/// </code>
/// Integers are big-endian; the place with the higher number counts.
/// </summary>
internal sealed class CheckpointFile : IDisposable
{
    /// <summary>Longest note in bytes: 64 witnesses' lines have some 12 KiB.</summary>
    public const int MaxNote = PlaceSize - Head - CheckSize;

    private const int PlaceSize = 64 << 10;
    private const int Head = sizeof(ulong) + sizeof(uint);
    private const int CheckSize = 8;
    private readonly FileStream _file;
    private ulong _number;

    private CheckpointFile(FileStream file) => _file = file;

    /// <summary>The checkpoint that was kept last; null before the first.</summary>
    public byte[]? Current { get; private set; }

    /// <summary>Opens the file of a folder, and makes it where there is none.</summary>
    /// <exception cref="InvalidDataException">Neither place is what was written.</exception>
    public static CheckpointFile Open(string path)
    {
        bool isNew = !File.Exists(path);
        var file = new CheckpointFile(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0));
        if (file._file.Length < 2 * PlaceSize)
        {
            // New, or a crash came between its making and this.
            file._file.SetLength(2 * PlaceSize);
            file._file.Flush(flushToDisk: true);
        }

        if (isNew)
            DirectorySync.Flush(Path.GetDirectoryName(path)!);

        // One place may be torn, by a crash before an acknowledgement.
        bool areDamaged = !file.TryRead(0) & !file.TryRead(PlaceSize);
        return areDamaged ? throw new InvalidDataException("the checkpoint is not what was written: restore the folder from a copy") : file;
    }

    /// <summary>Keeps a checkpoint; on the disk when this returns.</summary>
    /// <exception cref="IOException">It cannot be written; the one before is still kept.</exception>
    public void Keep(ReadOnlySpan<byte> note)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(note.Length, MaxNote, nameof(note));
        ulong number = _number + 1;
        byte[] place = new byte[Head + note.Length + CheckSize];
        BinaryPrimitives.WriteUInt64BigEndian(place, number);
        BinaryPrimitives.WriteUInt32BigEndian(place.AsSpan(sizeof(ulong)), (uint)note.Length);
        note.CopyTo(place.AsSpan(Head));
        SHA256.HashData(place.AsSpan(..^CheckSize)).AsSpan(0, CheckSize).CopyTo(place.AsSpan(^CheckSize));
        RandomAccess.Write(_file.SafeFileHandle, place, number % 2 == 0 ? 0 : PlaceSize);
        RandomAccess.FlushToDisk(_file.SafeFileHandle);
        (_number, Current) = (number, note.ToArray());
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Takes the place's checkpoint if it is the newer one; false where the place holds something else than a checkpoint or nothing yet.</summary>
    private bool TryRead(long start)
    {
        byte[] place = new byte[PlaceSize];
        int read = RandomAccess.Read(_file.SafeFileHandle, place, start);
        ulong number = BinaryPrimitives.ReadUInt64BigEndian(place);
        int length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(place.AsSpan(sizeof(ulong))), MaxNote);
        if (read < PlaceSize || !place.AsSpan().ContainsAnyExcept((byte)0))
            return true;
        if (!SHA256.HashData(place.AsSpan(0, Head + length)).AsSpan(0, CheckSize).SequenceEqual(place.AsSpan(Head + length, CheckSize)))
            return false;
        if (number > _number)
            (_number, Current) = (number, place[Head..(Head + length)]);
        return true;
    }
}
