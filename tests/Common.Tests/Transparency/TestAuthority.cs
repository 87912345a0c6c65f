using System.Security.Cryptography;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Common.Tests.Transparency;

/// <summary>An authority with its log and two honest witnesses, in memory: it can log anything, properly signed and cosigned.</summary>
internal sealed class TestAuthority : IDisposable
{
    public const string Name = "gateway.example";

    private readonly NoteSigner _log = NoteSigner.Generate($"{Name}/veil", NoteKeyType.Ed25519);
    private readonly NoteSigner[] _witnesses = [NoteSigner.Generate("witness.example/1", NoteKeyType.Cosignature), NoteSigner.Generate("witness.example/2", NoteKeyType.Cosignature)];
    private readonly NoteSigner _stranger = NoteSigner.Generate("witness.example/3", NoteKeyType.Cosignature);
    private readonly List<byte[]> _entries;

    public TestAuthority(DateTimeOffset genesis, TimeSpan? epoch = null, TimeSpan? maturity = null)
    {
        _entries = [];
        Bundle = new()
        {
            Serial = 1,
            Authority = Name,
            Epochs = new(genesis, epoch ?? TimeSpan.FromHours(1)),
            Origin = $"{Name}/veil",
            LogKey = _log.VerifierKey,
            Witnesses = [.. _witnesses.Select(witness => witness.VerifierKey)],
            WitnessThreshold = 2,
            AuthorityKey = AuthorityKey.VerifierKey,
            ReleaseSigners = [.. ReleaseSigners.Select(signer => signer.VerifierKey)],
            ReleaseThreshold = 2,
            ReleaseMaturity = maturity ?? TimeSpan.FromHours(24),
        };
    }

    private TestAuthority(TestAuthority original)
    {
        _entries = [.. original._entries];
        (_log, _witnesses, AuthorityKey, ReleaseSigners, Bundle) = (original._log, original._witnesses, original.AuthorityKey, original.ReleaseSigners, original.Bundle);
    }

    public TrustBundle Bundle { get; }

    public NoteSigner AuthorityKey { get; } = NoteSigner.Generate(Name, NoteKeyType.Ed25519);

    public IReadOnlyList<NoteSigner> ReleaseSigners { get; } =
        [NoteSigner.Generate("alice.example", NoteKeyType.Ed25519), NoteSigner.Generate("bob.example", NoteKeyType.Ed25519), NoteSigner.Generate("carol.example", NoteKeyType.Ed25519)];

    /// <summary>Whether a witness that the bundle does not know cosigns in the place of the second.</summary>
    public bool IsCosignedByAStranger { get; set; }

    public long Size => _entries.Count;

    private IEnumerable<NoteSigner> Cosigners => IsCosignedByAStranger ? [_witnesses[0], _stranger] : _witnesses;

    /// <summary>The same keys and entries, from here on with a history of its own: what a witness would not cosign, but a broken one might.</summary>
    public TestAuthority Fork() => new(this);

    /// <summary>A fork that shares the entries before an epoch.</summary>
    public TestAuthority Truncated(long epoch)
    {
        TestAuthority fork = Fork();
        fork._entries.RemoveRange((int)epoch, fork._entries.Count - (int)epoch);
        return fork;
    }

    /// <summary>A head whose documents are named by their bytes.</summary>
    public static EpochHead Head(long epoch, string variant = "", ReadOnlyMemory<byte>? keys = null) => new()
    {
        Epoch = epoch,
        Keys = keys is { } bytes ? SHA256.HashData(bytes.Span) : Hash($"keys{variant}"),
        Issuer = Hash($"issuer{variant}"),
        Challenge = Hash($"challenge{variant}"),
        Policy = Hash($"policy{variant}"),
        Releases = Hash($"releases{variant}"),
        FleetTotal = 0,
        FleetRoot = FleetTree.EmptyRoot,
    };

    /// <summary>Logs a head, signed by the authority.</summary>
    public void Append(EpochHead head) => Append(AuthorityKey.Sign([.. head.Write(), (byte)'\n']));

    /// <summary>Logs any entry.</summary>
    public void Append(byte[] entry) => _entries.Add(entry);

    /// <summary>Logs heads up to and with an epoch.</summary>
    public TestAuthority UpTo(long epoch, Func<long, EpochHead>? head = null)
    {
        while (Size <= epoch)
            Append((head ?? (number => Head(number)))(Size));
        return this;
    }

    /// <summary>The cosigned checkpoint of the first <paramref name="size"/> entries.</summary>
    public byte[] Checkpoint(DateTimeOffset time, long? size = null, int witnesses = 2, NoteSigner? logKey = null, string? origin = null)
    {
        byte[][] leaves = Leaves(size ?? Size);
        byte[] text = new Checkpoint(origin ?? Bundle.Origin, leaves.Length, MerkleTree.Root(leaves)).Write();
        return [.. (logKey ?? _log).Sign(text), .. Cosigners.Take(witnesses).SelectMany(witness => witness.CosignatureLine(text, time))];
    }

    /// <summary>A checkpoint's text, cosigned by each witness at a time of its own.</summary>
    public byte[] CheckpointOf(byte[] text, params DateTimeOffset[] times) => [.. _log.Sign(text), .. _witnesses.Zip(times).SelectMany(pair => pair.First.CosignatureLine(text, pair.Second))];

    /// <summary>When heads were cosigned first; each at the beginning of its epoch, if nobody held it back.</summary>
    public Func<long, DateTimeOffset>? PublishedAt { get; set; }

    /// <summary>An entry with its proof, and the proof that it was public when it was new.</summary>
    public ProvenEntry Prove(long index, byte[] checkpoint, long? size = null) =>
        new(_entries[(int)index], ProveUnder(index, checkpoint, size ?? Size), ProveUnder(index, Checkpoint(PublishedAt?.Invoke(index) ?? Bundle.Epochs.StartOf(index).AddSeconds(1), index + 1), index + 1));

    /// <summary>What a relay mirrors when the log has <paramref name="size"/> entries and was cosigned at <paramref name="time"/>.</summary>
    public EpochPackage Package(DateTimeOffset time, ReadOnlyMemory<byte> keys = default, long? size = null)
    {
        long entries = size ?? Size;
        byte[] checkpoint = Checkpoint(time, entries);
        long newest = entries - 1;
        long[] indices = [.. new[] { newest, Bundle.Epochs.Before(newest, Bundle.Epochs.Length), Bundle.Epochs.Before(newest, Bundle.ReleaseMaturity) }.Distinct()];
        return new([.. indices.Select(index => Prove(index, checkpoint, entries))], keys);
    }

    public IReadOnlyList<ReadOnlyMemory<byte>> ProveConsistency(long from, long? size = null) => MerkleTree.ProveConsistency(Leaves(size ?? Size), (int)from);

    public byte[] Root(long size) => MerkleTree.Root(Leaves(size));

    /// <summary>A release that so many signers signed.</summary>
    public byte[] Sign(Release release, int signers = 2) =>
        [.. ReleaseSigners[0].Sign(release.NoteText()), .. ReleaseSigners.Skip(1).Take(signers - 1).SelectMany(signer => signer.SignatureLine(release.NoteText()))];

    public void Dispose()
    {
        _log.Dispose();
        AuthorityKey.Dispose();
        foreach (NoteSigner signer in _witnesses.Concat(ReleaseSigners).Append(_stranger))
            signer.Dispose();
    }

    private byte[] ProveUnder(long index, byte[] checkpoint, long size) => new TlogProof(index, MerkleTree.ProveInclusion(Leaves(size), (int)index), checkpoint).Write();

    private static byte[] Hash(string text) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text));

    private byte[][] Leaves(long size) => [.. _entries.Take((int)size).Select(entry => MerkleTree.LeafHash(entry))];
}
