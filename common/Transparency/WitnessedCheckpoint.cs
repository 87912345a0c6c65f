namespace Veil.Transparency;

/// <summary>A checkpoint that the log signed and enough witnesses cosigned. Only <see cref="WitnessPolicy.TryVerify"/> makes one, so holding it is the proof.</summary>
public sealed class WitnessedCheckpoint
{
    internal WitnessedCheckpoint(Checkpoint checkpoint, DateTimeOffset witnessedAt, DateTimeOffset publicBy, IReadOnlyList<NoteVerifierKey> witnesses)
    {
        PublicBy = publicBy;
        Checkpoint = checkpoint;
        WitnessedAt = witnessedAt;
        Witnesses = witnesses;
    }

    /// <summary>The checkpoint.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The latest time that a quorum of witnesses vouches for: at least the threshold cosigned then or later.</summary>
    public DateTimeOffset WitnessedAt { get; }

    /// <summary>When it was public at the latest: at least the threshold cosigned then or before, so that fewer dishonest witnesses cannot date it back.</summary>
    public DateTimeOffset PublicBy { get; }

    /// <summary>Who cosigned.</summary>
    public IReadOnlyList<NoteVerifierKey> Witnesses { get; }
}
