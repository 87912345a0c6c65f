using System.Diagnostics.CodeAnalysis;
using Veil.Attestation.Nvidia;
using Veil.Attestation.PolicyFile;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;

namespace Veil.Attestation;

/// <summary>
/// What a Relying Party accepts (RFC 9334 section 8.5). The defaults are the safe ones, and an empty list never means "anything".
/// </summary>
public sealed class AppraisalPolicy
{
    /// <summary>Longest JSON in bytes: a thousand measurements have 100 KiB.</summary>
    public const int MaxSize = 256 * 1024;

    /// <summary>The service that the host must claim, compared byte for byte.</summary>
    public required string Service { get; init; }

    /// <summary>
    /// Longest time between a claim's start and end. Default 24 h: an extracted key is of use for no longer, and a guest whose
    /// clock was turned gains nothing.
    /// </summary>
    public TimeSpan MaxClaimsLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How far the host's clock may be ahead of the verifier's when a key epoch begins. Default 60 s.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What keeps old evidence from standing for new. Default <see cref="Freshness.Epoch"/>.</summary>
    public Freshness Freshness { get; init; } = Freshness.Epoch;

    /// <summary>What to accept as AMD SEV-SNP evidence; null refuses the kind.</summary>
    public SnpPolicy? Snp { get; init; }

    /// <summary>What to accept as Intel TDX evidence; null refuses the kind.</summary>
    public TdxPolicy? Tdx { get; init; }

    /// <summary>What to accept as GPUs of a host; null asks for none, and evidence of some is a named gap.</summary>
    public GpuPolicy? Gpu { get; init; }

    /// <summary>Reads a policy from JSON (version 1; see the page on appraisal policies). Unknown and doubled members are refused.</summary>
    /// <param name="json">At most <see cref="MaxSize"/> bytes of UTF-8.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="problems">One line for each thing that is wrong, with the member's path; empty when there is a policy.</param>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out AppraisalPolicy? policy, out IReadOnlyList<string> problems) =>
        TryParse(json, references: null, out policy, out problems);

    /// <summary>Reads a policy whose software comes from releases: the JSON names no measurement and no signer of its own.</summary>
    /// <param name="json">At most <see cref="MaxSize"/> bytes of UTF-8.</param>
    /// <param name="references">The accepted releases, each of its kind; a kind without one accepts nothing. Null: the JSON names what it accepts.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="problems">One line for each thing that is wrong, with the member's path; empty when there is a policy.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> json, IReadOnlyList<ReferenceValues>? references, [NotNullWhen(true)] out AppraisalPolicy? policy, out IReadOnlyList<string> problems)
    {
        var found = new List<string>();
        policy = AppraisalPolicyReader.Read(json, references, found);
        problems = found;
        return policy is not null;
    }
}
