using System.Diagnostics.CodeAnalysis;

namespace Veil.Transparency;

/// <summary>Which checkpoints count: of one origin, signed by the log's key, and cosigned by enough of the named witnesses.</summary>
public sealed class WitnessPolicy
{
    /// <summary>The last second that a <see cref="DateTimeOffset"/> can hold.</summary>
    private const long MaxSeconds = 253_402_300_799;

    private readonly IReadOnlyList<NoteVerifierKey> _keys;

    /// <param name="origin">The log's name.</param>
    /// <param name="logKey">Its key.</param>
    /// <param name="witnesses">The witnesses that count, each once.</param>
    /// <param name="threshold">How many of them must have cosigned; 0 only for tools that look at a log without witnesses.</param>
    /// <exception cref="ArgumentException">More are asked for than there are, or a key is of the wrong type.</exception>
    public WitnessPolicy(string origin, NoteVerifierKey logKey, IReadOnlyList<NoteVerifierKey> witnesses, int threshold)
    {
        ArgumentNullException.ThrowIfNull(logKey);
        ArgumentNullException.ThrowIfNull(witnesses);
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, witnesses.Count);
        if (logKey.Type is not NoteKeyType.Ed25519 || witnesses.Any(witness => witness.Type is not NoteKeyType.Cosignature))
            throw new ArgumentException("A log signs notes, a witness cosigns them.", nameof(logKey));
        Origin = origin;
        LogKey = logKey;
        Witnesses = witnesses;
        Threshold = threshold;
        _keys = [logKey, .. witnesses];
    }

    /// <summary>The log's name.</summary>
    public string Origin { get; }

    /// <summary>The log's key.</summary>
    public NoteVerifierKey LogKey { get; }

    /// <summary>The witnesses that count.</summary>
    public IReadOnlyList<NoteVerifierKey> Witnesses { get; }

    /// <summary>How many must have cosigned.</summary>
    public int Threshold { get; }

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="note">Untrusted.</param>
    /// <param name="checkpoint">The proof.</param>
    public bool TryVerify(ReadOnlySpan<byte> note, [NotNullWhen(true)] out WitnessedCheckpoint? checkpoint)
    {
        checkpoint = null;
        if (!SignedNote.TryOpen(note, _keys, out SignedNote? opened)
            || !opened.Signatures.Any(signature => signature.Key == LogKey)
            || !Checkpoint.TryParse(opened.Text.Span, out Checkpoint? found)
            || found.Origin != Origin)
        {
            return false;
        }

        NoteSignature[] cosignatures = [.. opened.Signatures.Where(signature => signature.Key != LogKey && signature.Time <= MaxSeconds).OrderByDescending(signature => signature.Time)];
        if (cosignatures.Length < Threshold)
            return false;

        // The threshold-th latest: fewer dishonest witnesses than that cannot move it.
        DateTimeOffset witnessedAt = Threshold is 0 ? DateTimeOffset.MinValue : DateTimeOffset.FromUnixTimeSeconds(cosignatures[Threshold - 1].Time);
        DateTimeOffset publicBy = Threshold is 0 ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeSeconds(cosignatures[^Threshold].Time);
        checkpoint = new(found, witnessedAt, publicBy, [.. cosignatures.Select(signature => signature.Key)]);
        return true;
    }
}
