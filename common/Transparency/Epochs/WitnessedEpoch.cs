using System.Diagnostics.CodeAnalysis;

namespace Veil.Transparency.Epochs;

/// <summary>
/// The one head that counts now, with the older ones that the rules of maturity look at. Only <see cref="TryVerify"/> makes one, so holding it means that log,
/// witnesses and authority signed, that the time allows this index and no other, and that the entry is the last of its log.
/// </summary>
public sealed class WitnessedEpoch
{
    private readonly EpochTimes _epochs;

    private WitnessedEpoch(EpochHead head, EpochHead previous, EpochHead mature, WitnessedCheckpoint checkpoint, EpochTimes epochs)
    {
        _epochs = epochs;
        Head = head;
        Previous = previous;
        Mature = mature;
        Checkpoint = checkpoint.Checkpoint;
        WitnessedAt = checkpoint.WitnessedAt;
        Witnesses = checkpoint.Witnesses;
    }

    /// <summary>The head.</summary>
    public EpochHead Head { get; }

    /// <summary>The head before: keys in use must have been announced there. The genesis is its own.</summary>
    public EpochHead Previous { get; }

    /// <summary>The head of the releases' age: releases must have been public there.</summary>
    public EpochHead Mature { get; }

    /// <summary>The checkpoint under which all of them are proven.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The time that the witnesses vouch for.</summary>
    public DateTimeOffset WitnessedAt { get; }

    /// <summary>The witnesses that cosigned.</summary>
    public IReadOnlyList<NoteVerifierKey> Witnesses { get; }

    /// <summary>Judges a package.</summary>
    /// <param name="package">What a relay mirrors; untrusted.</param>
    /// <param name="bundle">Whom to trust.</param>
    /// <param name="now">This machine's time.</param>
    /// <param name="clockTolerance">How far this machine's clock may be off.</param>
    /// <param name="epoch">The proof.</param>
    /// <param name="error">The first rule that was broken.</param>
    public static bool TryVerify(
        EpochPackage package, TrustBundle bundle, DateTimeOffset now, TimeSpan clockTolerance, [NotNullWhen(true)] out WitnessedEpoch? epoch, out EpochError error)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(bundle);
        epoch = null;
        var heads = new List<ProvenHead>();
        WitnessedCheckpoint? checkpoint = null;
        foreach (ProvenEntry proven in package.Heads)
        {
            error = Open(proven, bundle, checkpoint, out checkpoint, out ProvenHead? head);
            if (error is not EpochError.None)
            {
                return false;
            }

            heads.Add(head!);
        }

        EpochHead newest = heads[0].Head;
        error = JudgeTime(newest.Epoch, checkpoint!, bundle.Epochs, now, clockTolerance);
        EpochError previousError = FindElder(heads, bundle.Epochs.Before(newest.Epoch, bundle.Epochs.Length), ElderRole.Announcing, bundle.Epochs, out EpochHead? previous);
        EpochError matureError = FindElder(heads, bundle.Epochs.Before(newest.Epoch, bundle.ReleaseMaturity), ElderRole.Maturing, bundle.Epochs, out EpochHead? mature);
        error = error is not EpochError.None ? error : previousError is not EpochError.None ? previousError : matureError;
        epoch = error is EpochError.None ? new(newest, previous!, mature!, checkpoint!, bundle.Epochs) : null;
        return epoch is not null;
    }

    /// <summary>
    /// Compares with what was seen before: the same size must have the same root, a larger one must continue it, a smaller one is never used.
    /// </summary>
    /// <param name="size">Size of the log seen before.</param>
    /// <param name="root">Its root.</param>
    /// <param name="consistency">The proof that this log continues it; unread where the sizes are equal.</param>
    public EpochError Continues(long size, ReadOnlySpan<byte> root, IReadOnlyList<ReadOnlyMemory<byte>> consistency) =>
        Checkpoint.Size < size ? EpochError.RolledBack
        : Checkpoint.Size == size ? Checkpoint.Root.Span.SequenceEqual(root) ? EpochError.None : EpochError.Forked
        : MerkleTree.VerifyConsistency(size, root, Checkpoint.Size, Checkpoint.Root.Span, consistency) ? EpochError.None : EpochError.Forked;

    /// <summary>
    /// Until when a checkpoint that somebody names was the newest of this log. Nobody could name it before the epoch of its last head began, since its root hangs from that head. Null
    /// where this log never had it.
    /// </summary>
    /// <param name="size">Its size; 0 for the log before its first head.</param>
    /// <param name="root">Its root.</param>
    /// <param name="consistency">The proof that this log continues it; unread where the sizes are equal, and for 0.</param>
    public DateTimeOffset? NewestUntil(ulong size, ReadOnlySpan<byte> root, IReadOnlyList<ReadOnlyMemory<byte>> consistency)
    {
        if (size > (ulong)Checkpoint.Size)
        {
            return null;
        }

        bool isOfThisLog = size is 0 ? root.SequenceEqual(MerkleTree.EmptyRoot.Span) : Continues((long)size, root, consistency) is EpochError.None;
        return isOfThisLog ? _epochs.NewestUntil((long)size) : null;
    }

    /// <summary>
    /// Compares with what another relay shows. Both may be an epoch apart; what they say of an epoch that both know must be one thing.
    /// </summary>
    public bool AgreesWith(WitnessedEpoch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (WitnessedEpoch newer, WitnessedEpoch older) = Checkpoint.Size >= other.Checkpoint.Size ? (this, other) : (other, this);
        return newer.Checkpoint.Size == older.Checkpoint.Size
            ? newer.Checkpoint.Root.Span.SequenceEqual(older.Checkpoint.Root.Span)
            : newer.Checkpoint.Size == older.Checkpoint.Size + 1 && newer.Previous.Write().AsSpan().SequenceEqual(older.Head.Write());
    }

    /// <summary>
    /// The head of an older epoch, and that what it is asked for was public when that epoch ended: witnesses say so of it, or of a head before it that named the very same, as the heads
    /// that fill a pause do. Being logged at an old index is not enough, for an operator can hold heads back and log them all at once. The first head is as old as anything can be.
    /// </summary>
    private static EpochError FindElder(List<ProvenHead> heads, long index, ElderRole role, EpochTimes epochs, out EpochHead? elder)
    {
        EpochHead? wanted = heads.Find(head => head.Head.Epoch == index)?.Head;
        elder = wanted;
        if (wanted is null)
        {
            return EpochError.HeadMissing;
        }

        DateTimeOffset end = epochs.StartOf(index + 1);
        return heads.Exists(head => head.Head.Epoch <= index && (head.Head.Epoch is 0 || head.PublicBy < end) && head.Head.NamesTheSameAs(wanted, role))
            ? EpochError.None
            : EpochError.NotPublicInTime;
    }

    private static EpochError Open(ProvenEntry proven, TrustBundle bundle, WitnessedCheckpoint? first, out WitnessedCheckpoint? checkpoint, out ProvenHead? head)
    {
        head = null;
        checkpoint = first;
        if (!TlogProof.TryParse(proven.Proof.Span, out TlogProof? proof))
        {
            return EpochError.Malformed;
        }

        // 1. The checkpoint: signed by the log, cosigned by enough witnesses. All heads are proven under one.
        if (!bundle.Witnessing.TryVerify(proof.Checkpoint.Span, out WitnessedCheckpoint? witnessed))
        {
            return EpochError.NotWitnessed;
        }

        if (first is not null && (first.Checkpoint.Size != witnessed.Checkpoint.Size || !first.Checkpoint.Root.Span.SequenceEqual(witnessed.Checkpoint.Root.Span)))
        {
            return EpochError.TwoCheckpoints;
        }

        // 2. The entry is in the log, at its index.
        checkpoint = first ?? witnessed;
        if (!proof.Proves(MerkleTree.LeafHash(proven.Entry.Span), witnessed.Checkpoint))
        {
            return EpochError.NotInLog;
        }

        // 3. It is the authority's, and says of itself that it stands there.
        if (!SignedNote.TryOpen(proven.Entry.Span, [bundle.AuthorityKey], out SignedNote? note) || note.Text.Span is not [.. { } line, (byte)'\n'])
        {
            return EpochError.NotTheAuthority;
        }

        if (!EpochHead.TryParse(line, out EpochHead? parsed))
        {
            return EpochError.Malformed;
        }

        if (parsed.Epoch != proof.Index)
        {
            return EpochError.EpochMismatch;
        }

        // 4. Where it says since when it was public, witnesses vouch for that.
        EpochError error = Date(proven, proof.Index, bundle, out DateTimeOffset publicBy);
        head = new(parsed, publicBy);
        return error;
    }

    private static EpochError Date(ProvenEntry proven, long index, TrustBundle bundle, out DateTimeOffset publicBy)
    {
        publicBy = DateTimeOffset.MaxValue;
        if (proven.InTime.IsEmpty)
        {
            return EpochError.None;
        }

        if (!TlogProof.TryParse(proven.InTime.Span, out TlogProof? proof))
        {
            return EpochError.Malformed;
        }

        // Of other witnesses than this bundle's, before or after they changed: it says nothing here.
        if (!bundle.Witnessing.TryVerify(proof.Checkpoint.Span, out WitnessedCheckpoint? then))
        {
            return EpochError.None;
        }

        publicBy = then.PublicBy;
        return proof.Index == index && proof.Proves(MerkleTree.LeafHash(proven.Entry.Span), then.Checkpoint) ? EpochError.None : EpochError.NotInLog;
    }

    private static EpochError JudgeTime(long index, WitnessedCheckpoint checkpoint, EpochTimes epochs, DateTimeOffset now, TimeSpan clockTolerance)
    {
        // A head may stand for the two epochs in which it is accepted, so its cosignatures may be that old.
        DateTimeOffset witnessedAt = checkpoint.WitnessedAt;
        if (witnessedAt > now + clockTolerance || witnessedAt < now - (2 * epochs.Length) - clockTolerance)
        {
            return EpochError.ClockUnsure;
        }

        // Witnesses say how late it is at least, and so does this machine's clock, as far as it can be relied on.
        long atMost = epochs.At(witnessedAt);
        long atLeast = Math.Max(atMost, epochs.At(now - clockTolerance));
        return index != checkpoint.Checkpoint.Size - 1 ? EpochError.NotTheLast
            : index > atMost ? EpochError.BeforeItsTime
            : index < atLeast - 1 ? EpochError.Stalled
            : EpochError.None;
    }

    /// <summary>A head that is in the log, and when it was public at the latest.</summary>
    private sealed record ProvenHead(EpochHead Head, DateTimeOffset PublicBy);
}
