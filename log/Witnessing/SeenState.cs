using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Veil.Transparency;
using Veil.TransparencyLog.Storage;

namespace Veil.TransparencyLog.Witnessing;

/// <summary>How far a witness has seen one log: size and root, in a file that is on the disk before the witness says that it has.</summary>
internal sealed class SeenState
{
    private readonly string _path;

    /// <exception cref="IOException">The file is damaged, or cannot be read.</exception>
    public SeenState(string folder, string origin)
    {
        _path = Path.Combine(folder, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin))[..16])}.seen");
        if (!File.Exists(_path))
            return;
        if (!Checkpoint.TryParse(File.ReadAllBytes(_path), out Checkpoint? seen) || seen.Origin != origin)
            throw new IOException($"{_path} is not what this witness wrote: restore it from a copy, or ask somebody else to be the witness");
        (Size, Root) = (seen.Size, seen.Root);
    }

    /// <summary>Entries that were seen; 0 before the first.</summary>
    public long Size { get; private set; }

    /// <summary>The root over them.</summary>
    public ReadOnlyMemory<byte> Root { get; private set; } = MerkleTree.EmptyRoot;

    /// <summary>Remembers, durably.</summary>
    public void Write(Checkpoint checkpoint)
    {
        WholeFile.WriteDurably(_path, (checkpoint with { }).Write());
        (Size, Root) = (checkpoint.Size, checkpoint.Root);
    }

    public override string ToString() => Size.ToString(CultureInfo.InvariantCulture);
}
