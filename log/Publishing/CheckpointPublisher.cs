using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;
using Veil.Transparency;
using Veil.TransparencyLog.Storage;

namespace Veil.TransparencyLog.Publishing;

/// <summary>Signs checkpoints over what is durable, has witnesses cosign them, and publishes them once they are durable too. For one caller at a time; <see cref="Checkpoint"/> for everyone.</summary>
internal sealed class CheckpointPublisher : IDisposable
{
    /// <summary>How much longer witnesses beyond the threshold are waited for.</summary>
    private static readonly TimeSpan LateWitness = TimeSpan.FromMilliseconds(250);

    private readonly LogOptions _options;
    private readonly LogFolder _folder;
    private readonly NoteSigner _key;
    private readonly ILogger _logger;
    private readonly HttpClient _http;
    private readonly WitnessClient[] _witnesses;
    private volatile byte[] _checkpoint = [];
    private long _size = -1;

    /// <param name="options">Origin and witnesses.</param>
    /// <param name="folder">Stays its owner's.</param>
    /// <param name="key">The log's; stays its owner's.</param>
    /// <param name="logger">For what went wrong with witnesses.</param>
    public CheckpointPublisher(LogOptions options, LogFolder folder, NoteSigner key, ILogger logger)
    {
        (_options, _folder, _key, _logger) = (options, folder, key, logger);
        _http = new HttpClient(OutboundHandler.Create(options.WitnessTls.ToAuthenticationOptions(), options.LocalAddress))
        {
            MaxResponseContentBufferSize = WitnessClient.MaxAnswer,
        };
        _witnesses = [.. options.Witnesses.Select(witness => new WitnessClient(witness, KeyOf(witness), _http, TimeProvider.System))];
        Recover();
    }

    /// <summary>The published checkpoint; empty before the first.</summary>
    public byte[] Checkpoint => _checkpoint;

    /// <summary>How many entries it covers; -1 before the first.</summary>
    public long Size => Volatile.Read(ref _size);

    /// <summary>Publishes a checkpoint over the first <paramref name="size"/> entries; false where too few witnesses cosigned, or it cannot be written.</summary>
    public async Task<bool> PublishAsync(long size, CancellationToken cancellationToken)
    {
        byte[] note = _key.Sign(new Checkpoint(_options.Origin, size, _folder.Tree.Root(size)).Write());
        byte[][] lines = await CosignAsync(note, size, cancellationToken);
        if (lines.Length < _options.WitnessThreshold)
        {
            _logger.TooFewWitnesses(lines.Length, _options.WitnessThreshold);
            return false;
        }

        try
        {
            byte[] checkpoint = [.. note, .. lines.SelectMany(line => line)];
            _folder.KeepCheckpoint(checkpoint);
            _checkpoint = checkpoint;
            Volatile.Write(ref _size, size);
            _logger.Published(size, lines.Length);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.WriteFailed(failure.GetType().Name);
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<byte[][]> CosignAsync(byte[] note, long size, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_options.WitnessTimeout);
        Task<(byte[]? Line, string Reason)>[] asked = [.. _witnesses.Select(witness => witness.CosignAsync(note, _folder.Tree, size, deadline.Token))];
        int cosigned = 0;
        await foreach (Task<(byte[]? Line, string Reason)> answered in Task.WhenEach(asked))
        {
            // Whoever is not needed has a moment more: a slow witness does not hold up every entry.
            if ((await answered).Line is not null && ++cosigned == _options.WitnessThreshold)
                deadline.CancelAfter(LateWitness);
        }

        (byte[]? Line, string Reason)[] answers = await Task.WhenAll(asked);
        for (int i = 0; i < answers.Length; i++)
        {
            if (answers[i].Line is null && !cancellationToken.IsCancellationRequested)
                _logger.WitnessFailed(_witnesses[i].Name, answers[i].Reason);
        }

        return [.. answers.Select(answer => answer.Line).OfType<byte[]>()];
    }

    /// <summary>What was published before is served again, where today's witnesses are those that cosigned it; what came after it is owed.</summary>
    private void Recover()
    {
        var policy = new WitnessPolicy(_options.Origin, _key.VerifierKey, [.. _options.Witnesses.Select(KeyOf)], _options.WitnessThreshold);
        if (_folder.Checkpoint is not { } note || !policy.TryVerify(note, out WitnessedCheckpoint? known))
            return;
        _checkpoint = note;
        _size = known.Checkpoint.Size;
    }

    private static NoteVerifierKey KeyOf(WitnessEndpoint witness) => NoteVerifierKey.TryParse(witness.Key, out NoteVerifierKey? key) ? key : throw new StartupException($"{witness.Key} is no verifier key");
}
