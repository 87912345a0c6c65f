namespace Veil.Attestation.Nvidia;

/// <summary>What to accept as evidence of an NVIDIA GPU. The guest asks its GPU before it opens its service, and names the digest of the evidence in its claims.</summary>
public sealed class GpuPolicy
{
    /// <summary>NVIDIA Device Identity CA.</summary>
    private static readonly ReadOnlyMemory<byte> DeviceIdentity = Convert.FromHexString("a90c4eb5acfd3e3d03a25db6a26b84f720ad0503196c627c21ddd48dd85b06a4");

    /// <summary>SHA-256 of the SubjectPublicKeyInfo of each trusted root. Default: NVIDIA's Device Identity CA. An empty list accepts nothing.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> TrustedRoots { get; init; } = [DeviceIdentity];

    /// <summary>
    /// The accepted values of each measurement, by its index: those of the driver's and the VBIOS's reference integrity manifests that the operator took over. Null: there are
    /// none, and the verdict says so.
    /// </summary>
    public IReadOnlyDictionary<int, IReadOnlyCollection<ReadOnlyMemory<byte>>>? ReferenceValues { get; init; }

    /// <summary>Accept a GPU whose measurements nothing is known of; a named gap. Default false.</summary>
    public bool AllowMissingReferenceValues { get; init; }

    /// <summary>Fewest GPUs that a host must show. Default 1.</summary>
    public int MinimumCount { get; init; } = 1;
}
