using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Client.Tests.Exchange;
using Veil.Common.Tests.Transparency;
using Veil.HostAgent;
using Veil.SoftwareTee;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Client.Tests.Epochs;

/// <summary>
/// What a gateway and a relay serve of an authority's epochs, in memory. Each epoch's documents can be set, so that an operator can be played who lies to one client and
/// has all of it logged and cosigned.
/// </summary>
internal sealed class EpochServer : IDisposable
{
    public const string ReleaseName = "chat 1.2";

    /// <summary>Epochs of an hour, of which thirty are over.</summary>
    public const long Now = 30;

    private static readonly Lazy<SoftwareRoot> SharedRoot = new(() => SoftwareRoot.Create(DateTimeOffset.UtcNow));
    private static readonly byte[] Measurement = SoftwareGuest.MeasurementOf(ReleaseName);

    /// <summary>The root of all machines, in digits.</summary>
    public static string RootDigits => Convert.ToHexStringLower(SharedRoot.Value.SpkiSha256);

    /// <summary>What they run, in digits.</summary>
    public static string MeasurementDigits => Convert.ToHexStringLower(Measurement);

    private readonly FarSide _far;
    private readonly Dictionary<string, byte[]> _documents;
    private readonly Dictionary<long, FleetTree> _fleets;
    private readonly Dictionary<string, byte[]> _records;

    public EpochServer(FarSide far, TimeSpan? maturity = null)
    {
        _far = far;
        (_documents, _fleets, _records) = ([], [], []);
        DateTimeOffset hour = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1800);
        Authority = new TestAuthority(hour.AddHours(-Now), maturity: maturity);
        Releases = [Authority.Sign(MakeRelease(ReleaseName, Measurement))];
    }

    private EpochServer(EpochServer original)
    {
        _far = original._far;
        (_documents, _fleets, _records) = (new(original._documents), new(original._fleets), new(original._records));
        (Authority, Keys, Hosts) = (original.Authority.Fork(), original.Keys, original.Hosts);
        (Releases, TrustedRoots, OtherServices) = (original.Releases, original.TrustedRoots, original.OtherServices);
    }

    public TestAuthority Authority { get; private set; }

    /// <summary>What the relay mirrors instead of the truth.</summary>
    public Func<byte[]>? MirrorInstead { get; set; }

    public bool AsksSecondRelay { get; set; }

    /// <summary>What the second relay mirrors instead of the truth.</summary>
    public Func<byte[]>? OtherMirror { get; set; }

    /// <summary>Changes an answer inside OHTTP.</summary>
    public Func<string, byte[], byte[]> Change { get; set; } = (_, bytes) => bytes;

    /// <summary>The OHTTP keys of heads that are made from here on, mirrored with them; null for the gateway's own.</summary>
    public byte[]? Keys { get; set; }

    /// <summary>The signed releases of heads that are made from here on.</summary>
    public IReadOnlyList<byte[]> Releases { get; set; }

    /// <summary>The roots in the policy of heads that are made from here on.</summary>
    public IReadOnlyList<SoftwareRoot> TrustedRoots { get; set; } = [SharedRoot.Value];

    /// <summary>Services beside the one, in the policy of heads that are made from here on.</summary>
    public IReadOnlyList<string> OtherServices { get; set; } = [];

    /// <summary>The hosts' records of heads that are made from here on.</summary>
    public IReadOnlyList<HostRecord> Hosts { get; set; } = [];

    /// <summary>Answered questions, the path of each.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static Release MakeRelease(string name, byte[] measurement) =>
        new(name, FarSide.Service, "sev-snp", new Dictionary<string, ReadOnlyMemory<byte>> { ["measurement"] = measurement });

    /// <summary>The record of a software machine that was made before the log began, unless its claims are changed.</summary>
    public static HostRecord Host(byte number, Func<HostClaims, HostClaims>? change = null, SoftwareGuest? guest = null, SoftwareRoot? root = null, string service = FarSide.Service)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var claims = new HostClaims
        {
            Id = Filled(HostClaims.IdSize, number),
            Epoch = 1,
            NotBefore = now.AddMinutes(-10),
            NotAfter = now.AddHours(3),
            CheckpointRoot = MerkleTree.EmptyRoot,
            Service = service,
            TlsSpkiSha256 = Filled(HostClaims.HashSize, number),
            KeyConfig = Filled(41, number),
            AcceptsPlainRequests = true,
        };
        byte[] encoded = (change is null ? claims : change(claims)).Encode();
        using var chip = new SoftwareChip(root ?? SharedRoot.Value, Filled(SnpReport.ChipIdSize, number), new TcbVersion(0, 4, 0, 24, 219), now);
        AttestedValue attested = new SoftwareTeeAttester(chip, guest ?? new SoftwareGuest { Measurement = Measurement }).Attest(HostClaims.BoundValue(encoded));
        return new(encoded, attested.Evidence, attested.Endorsements);
    }

    /// <summary>Logs honest heads up to and with an epoch.</summary>
    public EpochServer UpTo(long epoch = Now)
    {
        while (Authority.Size <= epoch)
            Authority.Append(MakeHead(Authority.Size));
        return this;
    }

    /// <summary>A head of the present documents.</summary>
    public EpochHead MakeHead(long epoch, byte[]? issuer = null, byte[]? challenge = null, byte[]? policy = null)
    {
        FleetTree fleet = FleetTree.Build(_fleets.TryGetValue(epoch - 1, out FleetTree? before) ? before.Root : FleetTree.EmptyRoot, Hosts.Select(host => host.EncodedClaims));
        _fleets[epoch] = fleet;
        foreach (HostRecord host in Hosts)
            _records[Convert.ToHexString(SHA256.HashData(host.EncodedClaims.Span))] = host.Encode();
        return new()
        {
            Epoch = epoch,
            Keys = Keep(Keys ?? _far.Mirror),
            Issuer = Keep(issuer ?? _far.DirectoryBytes()),
            Challenge = Keep(challenge ?? _far.Challenge.Encoded.ToArray()),
            Policy = Keep(policy ?? Policy()),
            Releases = Keep(new DocumentSet([.. Releases.Select(release => (ReadOnlyMemory<byte>)release)]).Encode()),
            FleetTotal = fleet.Claims.Count,
            FleetRoot = fleet.Root,
        };
    }

    /// <summary>The same log and documents, from here on with more of them, under the same keys: they are disposed of with the original.</summary>
    public EpochServer Fork() => new(this);

    /// <summary>Begins another history that shares the entries before an epoch.</summary>
    public void ForkAt(long epoch) => Authority = Authority.Truncated(epoch);

    public byte[] Package(DateTimeOffset? time = null) => Authority.Package(time ?? DateTimeOffset.UtcNow, Keys ?? _far.Mirror).Encode();

    public byte[] Mirror(bool other) => (other ? OtherMirror ?? MirrorInstead : MirrorInstead) is { } instead ? instead() : Package();

    public string WriteBundle(string file)
    {
        File.WriteAllBytes(file, Authority.Bundle.Write());
        return file;
    }

    /// <summary>A document inside OHTTP.</summary>
    public (string MediaType, byte[] Bytes)? Find(string path)
    {
        Asked.Enqueue(path);
        string[] parts = path.Split('/');
        long epoch = long.Parse(parts[4], CultureInfo.InvariantCulture);
        (string MediaType, byte[] Bytes)? found = parts[5..] switch
        {
            ["documents"] => (DocumentSet.MediaType, new DocumentSet([.. _documents.Values.Select(document => (ReadOnlyMemory<byte>)document)]).Encode()),
            ["hosts"] => (DocumentSet.MediaType, new DocumentSet([.. _fleets[epoch].Claims.Select(RecordOf), .. ProveCheckpoints(epoch)]).Encode()),
            ["hosts", { } indices] => (DocumentSet.MediaType, new DocumentSet([.. indices.Split(',').Select(index => Prove(epoch, int.Parse(index, CultureInfo.InvariantCulture)))]).Encode()),
            ["consistency", { } size] => (ConsistencyProof.MediaType, ConsistencyProof.Encode(Authority.ProveConsistency(long.Parse(size, CultureInfo.InvariantCulture), epoch + 1))),
            _ => null,
        };
        return found is { } document ? (document.MediaType, Change(path, document.Bytes)) : null;
    }

    public void Dispose() => Authority.Dispose();

    private static byte[] Filled(int size, byte value)
    {
        byte[] bytes = new byte[size];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    private static ulong NamedBy(ReadOnlyMemory<byte> claims) => HostClaims.TryParse(claims.Span, out HostClaims? parsed, out _) ? parsed.CheckpointSize : 0;

    private IEnumerable<ReadOnlyMemory<byte>> ProveCheckpoints(long epoch) =>
        NamedCheckpoints.SizesToProve(_fleets[epoch].Claims.Select(NamedBy), epoch + 1).Select(size => (ReadOnlyMemory<byte>)ConsistencyProof.Encode(Authority.ProveConsistency(size, epoch + 1)));

    private ReadOnlyMemory<byte> Prove(long epoch, int index)
    {
        ReadOnlyMemory<byte> claims = _fleets[epoch].Claims[index];
        long named = (long)NamedBy(claims);
        return new ProvenHost(_fleets[epoch].Prove(index), named > 0 && named <= epoch ? Authority.ProveConsistency(named, epoch + 1) : [], RecordOf(claims)).Encode();
    }

    private ReadOnlyMemory<byte> RecordOf(ReadOnlyMemory<byte> claims) => _records[Convert.ToHexString(SHA256.HashData(claims.Span))];

    private byte[] Policy() => new AuthorityPolicy([.. OtherServices.Prepend(FarSide.Service).Select(service => new ServicePolicy(service, _far.Price, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["v"] = 1,
        ["service"] = service,
        ["max_claims_seconds"] = 40 * 3600,
        ["kinds"] = new Dictionary<string, object> { ["sev-snp"] = new { trusted_roots = TrustedRoots.Select(root => Convert.ToHexStringLower(root.SpkiSha256)) } },
    })))]).Write();

    private byte[] Keep(byte[] document)
    {
        byte[] hash = SHA256.HashData(document);
        _documents[Convert.ToHexString(hash)] = document;
        return hash;
    }
}
