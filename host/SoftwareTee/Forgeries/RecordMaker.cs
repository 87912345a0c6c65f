using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Nvidia;
using Veil.HostAgent;
using Veil.Transparency;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>Makes host records without a host, with keys that nobody has.</summary>
internal sealed class RecordMaker : IDisposable
{
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(HostClaims.IdSize);
    private readonly byte[] _keyConfig = RandomNumberGenerator.GetBytes(41);
    private readonly List<SoftwareGpu> _gpus = [];

    /// <summary>Attests; stays its owner's.</summary>
    public required IAttester Attester { get; init; }

    /// <summary>How many GPUs the machine has.</summary>
    public int GpuCount { get; init; }

    /// <summary>Makes a GPU of this machine.</summary>
    public required Func<SoftwareGpu> MakeGpu { get; init; }

    /// <summary>The claims' service.</summary>
    public required string Service { get; init; }

    /// <summary>How long the claims hold.</summary>
    public required TimeSpan Lifetime { get; init; }

    /// <summary>When all this takes place.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Whether the claims name the checkpoint of a log without entries.</summary>
    public bool NewLog { get; init; }

    /// <summary>The key that the guest ends TLS with, as claims name it.</summary>
    public byte[] TlsKey { get; } = RandomNumberGenerator.GetBytes(HostClaims.HashSize);

    /// <summary>What the machine's GPUs say when they are asked with the claims' nonce, or another.</summary>
    /// <param name="nonce">Null for the claims'.</param>
    /// <param name="least">Of a machine that has fewer, so many.</param>
    public Endorsement[] AskGpus(byte[]? nonce = null, int least = 0)
    {
        int count = Math.Max(GpuCount, least);
        while (_gpus.Count < count)
            _gpus.Add(MakeGpu());
        return [.. _gpus.Take(count).Select(gpu => gpu.Answer(nonce ?? GpuEvidence.Nonce(TlsKey)).ToEndorsement())];
    }

    /// <summary>An honest record but for what is given.</summary>
    public HostRecord Record(DateTimeOffset? began = null, TimeSpan? lifetime = null) => WithGpus(AskGpus(), began: began, lifetime: lifetime);

    /// <summary>A record whose claims name what these GPUs say, and which shows it, or something else.</summary>
    public HostRecord WithGpus(IReadOnlyList<Endorsement> claimed, IReadOnlyList<Endorsement>? shown = null, DateTimeOffset? began = null, TimeSpan? lifetime = null)
    {
        byte[] claims = Claims(claimed, began, lifetime).Encode();
        AttestedValue attested = Attester.Attest(HostClaims.BoundValue(claims));
        return new(claims, attested.Evidence, [.. attested.Endorsements, .. shown ?? claimed]);
    }

    /// <summary>Claims, honest but for what is given.</summary>
    public HostClaims Claims(IReadOnlyList<Endorsement> gpus, DateTimeOffset? began = null, TimeSpan? lifetime = null, byte[]? tlsKey = null)
    {
        DateTimeOffset start = DateTimeOffset.FromUnixTimeSeconds((began ?? Now).ToUnixTimeSeconds());
        return new()
        {
            Id = _id,
            Epoch = 1,
            NotBefore = start,
            NotAfter = start + (lifetime ?? Lifetime),
            CheckpointRoot = NewLog ? MerkleTree.EmptyRoot : HostClaims.NoCheckpoint,
            Service = Service,
            TlsSpkiSha256 = tlsKey ?? TlsKey,
            KeyConfig = _keyConfig,
            AcceptsPlainRequests = true,
            GpuEvidenceDigest = gpus.Count > 0 ? GpuEvidence.Digest(gpus) : [],
        };
    }

    /// <summary>Erases the GPUs' keys.</summary>
    public void Dispose() => _gpus.ForEach(gpu => gpu.Dispose());
}
