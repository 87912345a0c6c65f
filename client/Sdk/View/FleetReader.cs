using System.Globalization;
using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Ohttp;
using Veil.Transparency.Epochs;

namespace Veil.ClientSdk;

/// <summary>
/// The hosts of an epoch. A small fleet is fetched whole and kept; of a larger one this client draws indices by its own coin and fetches just those records, so that
/// the cost does not grow with the fleet. Each host is appraised here, against the releases that are old enough: a host that does not pass refuses the whole view.
/// </summary>
internal sealed class FleetReader(GatewayDocuments documents, TimeProvider time)
{
    /// <summary>How many hosts are drawn for a request.</summary>
    public const int Draw = 2;

    private readonly VerifiedSignatures _known = new();

    /// <summary>The whole fleet, or a draw for one request.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="agreement">What its documents say.</param>
    /// <param name="key">The OHTTP key in use.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="VeilException">The fleet is not the head's, counts a host twice, or lists one that does not pass.</exception>
    public async Task<IReadOnlyList<AppraisedHost>> ReadAsync(WitnessedEpoch epoch, EpochAgreement agreement, KeyConfig key, CancellationToken cancellationToken)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> records = epoch.Head.FleetTotal <= FleetTree.MaxFetchedWhole
            ? await ReadWholeAsync(epoch, key, cancellationToken).ConfigureAwait(false)
            : await DrawAsync(epoch, key, cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = time.GetUtcNow();
        var hosts = new List<AppraisedHost>();
        foreach (HostRecord record in Distinct(records))
        {
            if (Appraise(record, agreement, now) is { } host)
            {
                hosts.Add(host);
            }
        }

        return hosts;
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadWholeAsync(WitnessedEpoch epoch, KeyConfig key, CancellationToken cancellationToken)
    {
        if (epoch.Head.FleetTotal is 0)
        {
            return [];
        }

        ReadOnlyMemory<byte> bytes = await documents.GetAsync(key, Path(epoch, "hosts"), DocumentSet.MediaType, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> previousRoot = epoch.Head.Epoch is 0 ? FleetTree.EmptyRoot : epoch.Previous.FleetRoot;
        return DocumentSet.TryParse(bytes, out DocumentSet? set)
            && FleetTree.IsWhole(epoch.Head, previousRoot, [.. set.Documents.Select(record => Parse(record).EncodedClaims)])
            ? set.Documents
            : throw Refused(EpochError.WrongFleet);
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> DrawAsync(WitnessedEpoch epoch, KeyConfig key, CancellationToken cancellationToken)
    {
        var indices = new HashSet<int>();
        while (indices.Count < Draw)
        {
            indices.Add(RandomNumberGenerator.GetInt32((int)epoch.Head.FleetTotal));
        }

        var records = new List<ReadOnlyMemory<byte>>();
        foreach (int index in indices)
        {
            string path = Path(epoch, string.Create(CultureInfo.InvariantCulture, $"hosts/{index}"));
            ReadOnlyMemory<byte> bytes = await documents.GetAsync(key, path, ProvenHost.MediaType, cancellationToken).ConfigureAwait(false);
            if (!ProvenHost.TryParse(bytes, out ProvenHost? proven) || !FleetTree.Contains(epoch.Head, index, Parse(proven.Record).EncodedClaims.Span, proven.Proof))
            {
                throw Refused(EpochError.WrongFleet);
            }

            records.Add(proven.Record);
        }

        return records;
    }

    /// <summary>One KEM key, one TLS key, one id and one guest a host: two records that share one are one machine, counted twice.</summary>
    private static HostRecord[] Distinct(IReadOnlyList<ReadOnlyMemory<byte>> encoded)
    {
        HostRecord[] records = [.. encoded.Select(Parse)];
        HostClaims[] claims = [.. records.Select(record => HostClaims.TryParse(record.EncodedClaims.Span, out HostClaims? parsed, out _) ? parsed : throw Refused(EpochError.WrongFleet))];
        bool distinct = AreDistinct(claims, host => host.Id) && AreDistinct(claims, host => host.TlsSpkiSha256) && AreDistinct(claims, KemKey)
            && AreDistinct(records, record => record.Evidence.GuestId);
        return distinct ? records : throw Refused(EpochError.WrongFleet);
    }

    /// <summary>The public key alone: another key id or list of suites makes no other key.</summary>
    private static ReadOnlyMemory<byte> KemKey(HostClaims host) => KeyConfig.TryParse(host.KeyConfig.Span, out KeyConfig? config, out _) ? config.PublicKey : host.KeyConfig;

    private static bool AreDistinct<T>(T[] hosts, Func<T, ReadOnlyMemory<byte>> part) => hosts.DistinctBy(host => Convert.ToHexString(part(host).Span)).Count() == hosts.Length;

    /// <summary>Null for a host whose time is over, which leaves at the next epoch, or has not come: neither is a lie.</summary>
    private AppraisedHost? Appraise(HostRecord record, EpochAgreement agreement, DateTimeOffset now)
    {
        _ = HostClaims.TryParse(record.EncodedClaims.Span, out HostClaims? claims, out _);
        if (claims!.NotAfter < now)
        {
            return null;
        }

        ServicePolicy present = PolicyOf(agreement.Policy, claims.Service) ?? throw Refused(EpochError.WrongFleet);
        if (PolicyOf(agreement.MaturePolicy, claims.Service) is not { } mature)
        {
            // A new service: its hosts count once its policy has been public for as long as a release.
            return null;
        }

        // Loosened, the old policy still counts until the new one is as old as a release must be; tightened, the new one counts at once.
        AppraisedHost host = Appraise(record, present, agreement, now);
        return mature.Appraisal.Span.SequenceEqual(present.Appraisal.Span) ? host : Appraise(record, mature, agreement, now);
    }

    private AppraisedHost Appraise(HostRecord record, ServicePolicy service, EpochAgreement agreement, DateTimeOffset now)
    {
        ReferenceValues[] references = [.. agreement.Releases.Where(release => release.Service == service.Authority).Select(release => new ReferenceValues(release.Kind, release.Measurements))];
        if (!AppraisalPolicy.TryParse(service.Appraisal, references, out AppraisalPolicy? policy, out IReadOnlyList<string> problems))
        {
            throw new VeilException(VeilFailure.HostRefused, Hop.Gateway, $"no release of {service.Authority} is old enough, or its policy cannot be used: {problems[0]}");
        }

        return AppraisedHost.TryAppraise(record, policy, new AppraisalContext { Now = now, Known = _known }, out AppraisedHost? host, out Verdict verdict)
            ? host
            : throw new VeilException(VeilFailure.HostRefused, Hop.Host, $"the fleet lists a host that does not pass: {verdict}.");
    }

    private static ServicePolicy? PolicyOf(AuthorityPolicy policy, string service) => policy.Services.FirstOrDefault(known => known.Authority == service);

    private static HostRecord Parse(ReadOnlyMemory<byte> encoded) => HostRecord.TryParse(encoded, out HostRecord? record, out _) ? record : throw Refused(EpochError.WrongFleet);

    private static string Path(WitnessedEpoch epoch, string what) => EpochViewMaker.Path(epoch, what);

    private static VeilException Refused(EpochError error) => EpochViewMaker.Refused(error, Hop.Gateway);
}
