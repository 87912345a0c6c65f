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

    /// <summary>What this many GPUs of the machine say when they are asked with a nonce.</summary>
    public Endorsement[] AskGpus(int count, byte[] nonce)
    {
        while (_gpus.Count < count)
            _gpus.Add(MakeGpu());
        return [.. _gpus.Take(count).Select(gpu => gpu.Answer(nonce).ToEndorsement())];
    }

    /// <summary>Claims, honest but for what is given.</summary>
    public HostClaims Claims(DateTimeOffset? began = null, TimeSpan? lifetime = null, byte[]? tlsKey = null, IReadOnlyList<Endorsement>? gpus = null)
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
            GpuEvidenceDigest = gpus is { Count: > 0 } ? GpuEvidence.Digest(gpus) : [],
        };
    }

    /// <summary>A record of these claims.</summary>
    /// <param name="claims">What is attested.</param>
    /// <param name="gpus">What GPUs say, beside the machine's own endorsements.</param>
    public HostRecord Record(HostClaims claims, IReadOnlyList<Endorsement>? gpus = null)
    {
        byte[] encoded = claims.Encode();
        AttestedValue attested = Attester.Attest(HostClaims.BoundValue(encoded));
        return new(encoded, attested.Evidence, [.. attested.Endorsements, .. gpus ?? []]);
    }

    /// <summary>Erases the GPUs' keys.</summary>
    public void Dispose() => _gpus.ForEach(gpu => gpu.Dispose());
}
