using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Veil.Attestation;
using Veil.Gateway.Hosts;
using Veil.Gateway.Keys;
using Veil.Gateway.Services;
using Veil.Gateway.Tokens;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>The documents of this moment: what clients may rely on, each the same bytes for everyone.</summary>
internal sealed class Promises(IOptions<GatewayOptions> gateway, HostPolicies policies, OhttpKeys keys, IssuerKeys issuer, TokenGate gate, HostPools pools, ILogger<Promises> logger)
{
    /// <summary>True when every part is there: an OHTTP key, the issuer's directory where tokens are asked for, a host for every service.</summary>
    public bool AreComplete => keys.Published is not null && issuer.IsReady && pools.AllServed;

    /// <summary>True when there is an OHTTP key and the issuer's directory: without these nobody could ask at all.</summary>
    public bool ArePossible => keys.Published is not null && issuer.IsReady;

    /// <summary>The OHTTP keys document: the active key first, then those that are announced.</summary>
    public ReadOnlyMemory<byte> Keys => keys.Published ?? default;

    /// <summary>The issuer's directory; empty without one.</summary>
    public ReadOnlyMemory<byte> Issuer => issuer.Current?.Directory ?? default;

    /// <summary>The one challenge; empty without an issuer.</summary>
    public ReadOnlyMemory<byte> Challenge => gate.Challenge;

    /// <summary>Services, prices, and what their hosts must be.</summary>
    public ReadOnlyMemory<byte> Policy => new AuthorityPolicy(
        [.. gateway.Value.Services.Select(service => new ServicePolicy(service.Authority, service.Price, policies.Of(service.Authority).Published))]).Write();

    /// <summary>The signed releases of a folder; a file that is no release is passed over and named in the log.</summary>
    public ReadOnlyMemory<byte> Releases(string folder, TrustBundle bundle)
    {
        var notes = new List<ReadOnlyMemory<byte>>();
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            byte[] note = File.ReadAllBytes(file);
            if (Release.TryOpen(note, bundle.ReleaseSigners, bundle.ReleaseThreshold, out _))
                notes.Add(note);
            else
                logger.ReleaseIgnored(Path.GetFileName(file));
        }

        return notes.Count <= DocumentSet.MaxCount
            ? new DocumentSet(notes).Encode()
            : throw new InvalidDataException($"Epochs:ReleasesDirectory holds {notes.Count} releases, and a head names at most {DocumentSet.MaxCount}: take out those that no host runs");
    }

    /// <summary>The verified hosts of all services that stay valid beyond a time.</summary>
    public IReadOnlyList<AppraisedHost> Hosts(DateTimeOffset until) =>
        [.. gateway.Value.Services.SelectMany(service => pools.Of(service.Authority).Healthy()).Select(connection => connection.Host).Where(host => host.Expires > until)];

    /// <summary>
    /// Clients refuse a fleet that counts a guest twice. One that is reached by two addresses while it changes its keys has two records, of which the newer counts.
    /// </summary>
    internal static IEnumerable<AppraisedHost> EachOnce(IEnumerable<AppraisedHost> hosts) => hosts
        .OrderByDescending(host => host.Claims.NotBefore)
        .DistinctBy(host => Convert.ToHexString(host.Record.Evidence.GuestId.Span))
        .DistinctBy(host => Convert.ToHexString(SHA256.HashData(host.Record.EncodedClaims.Span)));
}
