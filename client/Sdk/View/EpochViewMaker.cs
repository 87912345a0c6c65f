using System.Globalization;
using Veil.Attestation;
using Veil.Ohttp;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.ClientSdk;

/// <summary>
/// Makes a <see cref="TrustedView"/> from the authority's log: the relay's mirror of the epoch, judged before anything is sent; then, sealed to the key that the head
/// names, the documents and hosts that the head names. Log, witnesses and manufacturers are never asked: what they signed travels with what it proves.
/// </summary>
internal sealed class EpochViewMaker : IViewMaker
{
    /// <summary>How often a view is made anew because another process of this user was faster.</summary>
    private const int Attempts = 3;

    private readonly VeilOptions _options;
    private readonly OuterHttp _outer;
    private readonly TrustBundle _bundle;
    private readonly SeenLog? _seen;
    private readonly GatewayDocuments _documents;
    private readonly VerifiedSignatures _known = new();
    private readonly TimeProvider _time;
    private readonly List<HostDraws> _draws = [];
    private bool _isDisposed;

    public EpochViewMaker(VeilOptions options, TrustBundle bundle, OuterHttp outer, TimeProvider time)
    {
        _options = options;
        _outer = outer;
        _bundle = bundle;
        _time = time;
        _seen = options.SeenLogFile is { } file ? new SeenLog(file) : null;
        _documents = new GatewayDocuments(options, outer);
    }

    /// <inheritdoc/>
    public async Task<TrustedView> MakeAsync(CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (await TryMakeAsync(cancellationToken).ConfigureAwait(false) is { } view)
            {
                return view;
            }
        }

        throw new VeilException(VeilFailure.SeenLogUnavailable, Hop.Client, $"{_options.SeenLogFile} is changed by other processes all the time.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_draws)
        {
            _isDisposed = true;
            _draws.ForEach(draws => draws.Dispose());
        }
    }

    /// <summary>Where a document of an epoch is.</summary>
    internal static string Path(WitnessedEpoch epoch, string what) => string.Create(CultureInfo.InvariantCulture, $"/.well-known/veil/epochs/{epoch.Head.Epoch}/{what}");

    /// <summary>The refusal of an epoch, by the name of the rule.</summary>
    internal static VeilException Refused(EpochError error, Hop hop) => new(VeilFailure.EpochRefused, hop, $"the epoch is refused ({error}): {Explain(error)}; nothing was sent.");

    /// <summary>Null where another process has seen more meanwhile: what was judged here may not continue that.</summary>
    private async Task<TrustedView?> TryMakeAsync(CancellationToken cancellationToken)
    {
        // 1. One view: what the relay mirrors, what this machine has seen before, and what another relay mirrors, must be one history.
        (long Size, byte[] Root)? seen = _seen?.Read();
        (EpochPackage package, WitnessedEpoch epoch) = await ReadMirrorAsync(_options.Relay!, cancellationToken).ConfigureAwait(false);
        WitnessedEpoch? other = null;
        if (_options.SecondRelay is { } second)
        {
            (_, other) = await ReadMirrorAsync(second, cancellationToken).ConfigureAwait(false);
            if (!epoch.AgreesWith(other))
            {
                throw Split();
            }
        }

        if (!EpochAgreement.TryReadKey(epoch, package, out KeyConfig? key, out EpochError error))
        {
            throw Refused(error, Hop.Relay);
        }

        // 2. Sealed to that key, which everyone has: the rest. Nothing private is in these questions.
        if (other is not null && other.Checkpoint.Size != epoch.Checkpoint.Size)
        {
            // One relay is an epoch behind the other: the longer log must continue the shorter.
            (WitnessedEpoch newer, WitnessedEpoch older) = epoch.Checkpoint.Size > other.Checkpoint.Size ? (epoch, other) : (other, epoch);
            error = await ContinueAsync(newer, (older.Checkpoint.Size, older.Checkpoint.Root.ToArray()), key, cancellationToken).ConfigureAwait(false);
            if (error is not EpochError.None)
            {
                throw error is EpochError.Forked ? Split() : Refused(error, Hop.Gateway);
            }
        }

        if (seen is { } before)
        {
            error = await ContinueAsync(epoch, before, key, cancellationToken).ConfigureAwait(false);
            if (error is not EpochError.None)
            {
                throw Refused(error, Hop.Gateway);
            }
        }

        ReadOnlyMemory<byte> bytes = await _documents.GetAsync(key, Path(epoch, "documents"), DocumentSet.MediaType, cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = _time.GetUtcNow();
        if (!DocumentSet.TryParse(bytes, out DocumentSet? documents))
        {
            throw Refused(EpochError.Malformed, Hop.Gateway);
        }

        if (!EpochAgreement.TryAgree(epoch, key, documents, _bundle, _options.Issuer, now, out EpochAgreement? agreement, out error, out VeilFailure failure))
        {
            throw error is EpochError.None
                ? new VeilException(failure, Hop.Gateway, "the challenge is for another issuer or origin, or could tell clients apart.")
                : Refused(error, Hop.Gateway);
        }

        var fleet = new FleetReader(_documents, epoch, key);
        var judge = new HostJudge(epoch, agreement, _known, _time);
        HostDraws? draws = DrawsOf(epoch.Head, async indices => judge.Appraise(await fleet.ReadAsync(indices, CancellationToken.None).ConfigureAwait(false)));
        IReadOnlyList<AppraisedHost> hosts = draws is null
            ? judge.Appraise(await fleet.ReadWholeAsync(cancellationToken).ConfigureAwait(false))
            : await draws.PeekAsync(cancellationToken).ConfigureAwait(false);

        // 3. Only what was relied on is remembered.
        return _seen?.TryKeep(seen, epoch.Checkpoint.Size, epoch.Checkpoint.Root.Span) is false ? null : Assemble(epoch, agreement, key, hosts, draws, now);
    }

    private static VeilException Split() => new(VeilFailure.SplitView, Hop.Relay, "two relays show two histories of one log; nothing was sent. Keep both answers: they prove who lied.");

    private async Task<(EpochPackage Package, WitnessedEpoch Epoch)> ReadMirrorAsync(Uri relay, CancellationToken cancellationToken)
    {
        byte[] mirror = await _outer.GetAsync(relay, EpochPackage.MediaType, Hop.Relay, EpochPackage.MaxSize, _options.DocumentTimeout, cancellationToken).ConfigureAwait(false);
        EpochError error = EpochError.Malformed;
        return EpochPackage.TryParse(mirror, out EpochPackage? package)
            && WitnessedEpoch.TryVerify(package, _bundle, _time.GetUtcNow(), _options.ClockTolerance, out WitnessedEpoch? epoch, out error)
            ? (package, epoch)
            : throw Refused(error, Hop.Relay);
    }

    /// <summary>
    /// Those that there are for an epoch that stands, however often a view of it is made: what was drawn stays drawn, whatever failed, and whichever of the two heads
    /// that can stand a relay shows. Null for a fleet that is had whole.
    /// </summary>
    private HostDraws? DrawsOf(EpochHead head, Func<IReadOnlyList<int>, Task<IReadOnlyList<AppraisedHost>>> fetch)
    {
        lock (_draws)
        {
            foreach (HostDraws over in _draws.Where(draws => draws.Epoch < head.Epoch - 1).ToArray())
            {
                over.Dispose();
                _draws.Remove(over);
            }

            if (head.FleetTotal <= FleetTree.MaxFetchedWhole)
            {
                return null;
            }

            HostDraws? known = _draws.Find(draws => draws.AreOf(head));
            if (known is null)
            {
                known = new HostDraws(head, _options, _time, fetch);
                _draws.Add(known);
            }

            if (_isDisposed)
            {
                known.Dispose();
            }

            return known;
        }
    }

    private async Task<EpochError> ContinueAsync(WitnessedEpoch epoch, (long Size, byte[] Root) seen, KeyConfig key, CancellationToken cancellationToken)
    {
        if (seen.Size >= epoch.Checkpoint.Size)
        {
            return epoch.Continues(seen.Size, seen.Root, []);
        }

        string path = Path(epoch, string.Create(CultureInfo.InvariantCulture, $"consistency/{seen.Size}"));
        ReadOnlyMemory<byte> bytes = await _documents.GetAsync(key, path, ConsistencyProof.MediaType, cancellationToken).ConfigureAwait(false);
        return ConsistencyProof.TryParse(bytes, out IReadOnlyList<ReadOnlyMemory<byte>>? proof) ? epoch.Continues(seen.Size, seen.Root, proof) : EpochError.Malformed;
    }

    private TrustedView Assemble(WitnessedEpoch epoch, EpochAgreement agreement, KeyConfig key, IReadOnlyList<AppraisedHost> hosts, HostDraws? draws, DateTimeOffset now)
    {
        ILookup<string, ReadOnlyMemory<byte>> claims = hosts.ToLookup(host => host.Claims.Service, host => host.Record.EncodedClaims, StringComparer.OrdinalIgnoreCase);

        // A new service can be asked once its policy is as old as a release has to be.
        IEnumerable<ServiceView> services = agreement.Policy.Services.Where(service => agreement.MaturePolicy.Services.Any(known => known.Authority == service.Authority)).Select(service => new ServiceView(service.Authority, service.Price, [.. claims[service.Authority]]));

        // A head stands for its epoch and the next, and its key is accepted for that long and not much longer. On a machine whose clock is ahead it is used for half an
        // epoch nevertheless, or every request would ask anew.
        DateTimeOffset end = _bundle.Epochs.StartOf(epoch.Head.Epoch + 2);
        DateTimeOffset atLeast = now + (_bundle.Epochs.Length / 2);
        DateTimeOffset usableUntil = end > atLeast ? end : atLeast;
        return new TrustedView(_bundle.Authority, services, KeyConfig.WriteCollection([key]), key, agreement.Directory, agreement.Challenge, now, usableUntil)
        {
            Draws = draws,
            Standing = new(
                epoch.Head.Epoch,
                epoch.Checkpoint.Size,
                epoch.WitnessedAt,
                [.. epoch.Witnesses.Select(witness => witness.Name)],
                [.. agreement.Releases.Select(release => release.Name)],
                epoch.Head.FleetTotal,
                hosts.Count),
        };
    }

    private static string Explain(EpochError error) => error switch
    {
        EpochError.NotWitnessed => "the log or its witnesses did not sign it, or are not those of the trust bundle",
        EpochError.NotInLog => "an entry is not in the log where the relay says",
        EpochError.TwoCheckpoints => "its parts are of two states of the log",
        EpochError.NotTheAuthority => "an entry is not signed by the authority",
        EpochError.EpochMismatch => "an entry names another epoch than its place in the log, as a second head of one epoch does",
        EpochError.NotTheLast => "a newer entry was held back",
        EpochError.Stalled => "the log has stopped",
        EpochError.BeforeItsTime => "it is for an epoch that has not begun",
        EpochError.ClockUnsure => "its witnesses' time is far from this machine's; an old one was replayed, or the clock is wrong",
        EpochError.HeadMissing => "a head that the rules of maturity look at is missing",
        EpochError.NotPublicInTime => "an older head was logged late, so that nothing shows for how long its keys and releases have been public",
        EpochError.RolledBack => "the log is shorter than the one that this machine has seen",
        EpochError.Forked => "the log does not continue the one that this machine has seen",
        EpochError.WrongDocument => "a document is missing, or not the one that the head names",
        EpochError.NotAnnounced => "a key is used that the head before did not announce",
        EpochError.WrongFleet => "the fleet is not the one that the head names, or counts a host twice",
        _ => "it is malformed",
    };
}
