using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;
using Veil.Transparency;
using Veil.TransparencyLog.Storage;

namespace Veil.TransparencyLog.Witnessing;

/// <summary>
/// A witness (C2SP tlog-witness): it cosigns a checkpoint only when that continues, provably, the last one that it cosigned. One call at a time for each log, and what it
/// has seen is on the disk before the cosignature leaves: it never vouches for two histories.
/// </summary>
internal sealed class Witness : IDisposable
{
    private readonly NoteSigner _key;
    private readonly TimeProvider _time;
    private readonly ILogger<Witness> _logger;
    private readonly FileStream? _lock;
    private readonly Dictionary<string, (NoteVerifierKey Key, SeenState Seen)> _logs = new(StringComparer.Ordinal);

    /// <exception cref="StartupException">Key or folder cannot be used.</exception>
    public Witness(IOptions<WitnessOptions> options, TimeProvider time, ILogger<Witness> logger)
    {
        _time = time;
        _logger = logger;
        _key = NoteKeyFile.Read(options.Value.KeyFile, NoteKeyType.Cosignature);
        try
        {
            Directory.CreateDirectory(options.Value.Folder);
            _lock = WriterLock.Hold(options.Value.Folder, "another process is the witness with this folder; stop it first");
            foreach (WitnessedLog log in options.Value.Logs)
            {
                _ = NoteVerifierKey.TryParse(log.Key, out NoteVerifierKey? key);
                _logs.Add(log.Origin, (key!, new SeenState(options.Value.Folder, log.Origin)));
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw new StartupException($"{options.Value.Folder}: {failure.Message}");
        }
    }

    /// <summary>Judges an add-checkpoint request.</summary>
    /// <param name="request">Untrusted.</param>
    public WitnessAnswer Answer(AddCheckpoint request)
    {
        // The origin finds the log; nothing else of the text is used before its signature is verified.
        if (!_logs.TryGetValue(request.Origin, out (NoteVerifierKey Key, SeenState Seen) log))
            return new(StatusCodes.Status404NotFound);
        if (!SignedNote.TryOpen(request.Note.Span, [log.Key], out SignedNote? note))
            return new(StatusCodes.Status403Forbidden);
        if (!Checkpoint.TryParse(note.Text.Span, out Checkpoint? checkpoint) || checkpoint.Origin != request.Origin || request.Old > checkpoint.Size)
            return new(StatusCodes.Status400BadRequest);

        lock (log.Seen)
        {
            if (request.Old != log.Seen.Size)
                return new(StatusCodes.Status409Conflict, Size: log.Seen.Size);

            bool continues = checkpoint.Size == log.Seen.Size ? checkpoint.Root.Span.SequenceEqual(log.Seen.Root.Span) && request.Proof.Count is 0
                : log.Seen.Size is 0 ? request.Proof.Count is 0
                : MerkleTree.VerifyConsistency(log.Seen.Size, log.Seen.Root.Span, checkpoint.Size, checkpoint.Root.Span, request.Proof);
            if (!continues)
            {
                _logger.ForkSeen(request.Origin, log.Seen.Size);
                return new(StatusCodes.Status422UnprocessableEntity);
            }

            if (checkpoint.Size > log.Seen.Size)
                log.Seen.Write(checkpoint);
            _logger.Cosigned(checkpoint.Size, request.Origin);
            return new(StatusCodes.Status200OK, Cosignature: _key.CosignatureLine(note.Text.Span, _time.GetUtcNow()));
        }
    }

    public void Dispose()
    {
        _lock?.Dispose();
        _key.Dispose();
    }
}
