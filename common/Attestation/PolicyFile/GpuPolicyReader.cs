using System.Globalization;
using Veil.Attestation.Nvidia;

namespace Veil.Attestation.PolicyFile;

/// <summary>Reads <c>gpu</c> of a policy's JSON.</summary>
internal static class GpuPolicyReader
{
    /// <summary>The member's name.</summary>
    public const string Member = "gpu";

    private const int SpkiHashSize = 32;
    private const int MeasurementSize = 48;
    private const ulong MaxIndex = 255;

    /// <summary>Reads it; problems go to the object's list.</summary>
    public static GpuPolicy Read(PolicyObject gpu)
    {
        var defaults = new GpuPolicy();
        bool allowMissing = gpu.Flag("allow_missing_reference_values", defaults.AllowMissingReferenceValues);
        IReadOnlyList<PolicyObject> measurements = gpu.Objects("reference_values");
        var references = new Dictionary<int, IReadOnlyCollection<ReadOnlyMemory<byte>>>();
        foreach (PolicyObject measurement in measurements)
        {
            int index = (int)measurement.Number("index", 1, MaxIndex, absent: null);
            IReadOnlyCollection<ReadOnlyMemory<byte>> values = measurement.ByteLists("values", MeasurementSize, []);
            if (measurement.IsEmpty("values"))
            {
                measurement.Refuse("an empty list accepts nothing.", "values");
            }

            if (!references.TryAdd(index, values))
            {
                measurement.Refuse(string.Create(CultureInfo.InvariantCulture, $"{index} is there twice."), "index");
            }

            measurement.Complete();
        }

        if (gpu.Has("trusted_roots") && gpu.IsEmpty("trusted_roots"))
        {
            gpu.Refuse("an empty list trusts nothing; without it NVIDIA's own root is trusted.", "trusted_roots");
        }

        if (measurements.Count == 0 && !allowMissing)
        {
            gpu.Refuse("neither reference_values nor allow_missing_reference_values: nothing is accepted.");
        }

        var policy = new GpuPolicy
        {
            TrustedRoots = gpu.ByteLists("trusted_roots", SpkiHashSize, defaults.TrustedRoots),
            ReferenceValues = references.Count == 0 ? null : references,
            AllowMissingReferenceValues = allowMissing,
            MinimumCount = (int)gpu.Number("min_count", 1, HostRecord.MaxEndorsements, (ulong)defaults.MinimumCount),
        };
        gpu.Complete();
        return policy;
    }
}
