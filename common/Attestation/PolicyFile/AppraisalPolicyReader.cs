using System.Text.Json;

namespace Veil.Attestation.PolicyFile;

/// <summary>Reads the whole of a policy's JSON; each kind of evidence has a reader of its own beside this one.</summary>
internal static class AppraisalPolicyReader
{
    private const int Version = 1;
    private const int MaxDepth = 8;
    private const ulong MaxClaimsSeconds = 7 * 24 * 60 * 60;
    private const ulong MaxSkewSeconds = 10 * 60;

    private static readonly Dictionary<string, Freshness> FreshnessNames = new(StringComparer.Ordinal)
    {
        ["boot"] = Freshness.Boot,
        ["epoch"] = Freshness.Epoch,
        ["nonce"] = Freshness.Nonce,
    };

    /// <summary>Reads it; null with at least one problem where it is none.</summary>
    public static AppraisalPolicy? Read(ReadOnlyMemory<byte> json, IReadOnlyList<ReferenceValues>? references, List<string> problems)
    {
        if (json.Length > AppraisalPolicy.MaxSize)
        {
            problems.Add($"policy: {json.Length} bytes, at most {AppraisalPolicy.MaxSize} are wanted.");
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            AppraisalPolicy policy = Read(new PolicyObject(document.RootElement, string.Empty, problems), references);
            return problems.Count == 0 ? policy : null;
        }
        catch (JsonException failure)
        {
            problems.Add($"policy: not JSON without doubled members at line {failure.LineNumber.GetValueOrDefault() + 1}.");
        }
        catch (InvalidOperationException)
        {
            problems.Add("policy: a text holds half of a surrogate pair.");
        }

        return null;
    }

    private static AppraisalPolicy Read(PolicyObject root, IReadOnlyList<ReferenceValues>? references)
    {
        root.Number("v", Version, Version, absent: null);
        string? service = root.Text("service");
        if (!root.Has("service"))
        {
            root.Refuse("is missing.", "service");
        }

        var defaults = new AppraisalPolicy { Service = string.Empty };
        PolicyObject? kinds = root.Object("kinds");
        PolicyObject? snp = kinds?.Object(SnpPolicyReader.Kind);
        PolicyObject? tdx = kinds?.Object(TdxPolicyReader.Kind);
        PolicyObject? gpu = root.Object(GpuPolicyReader.Member);
        var policy = new AppraisalPolicy
        {
            Service = service ?? string.Empty,
            Freshness = root.OneOf("freshness", FreshnessNames, defaults.Freshness),
            MaxClaimsLifetime = TimeSpan.FromSeconds(root.Number("max_claims_seconds", 10, MaxClaimsSeconds, (ulong)defaults.MaxClaimsLifetime.TotalSeconds)),
            ClockSkew = TimeSpan.FromSeconds(root.Number("clock_skew_seconds", 0, MaxSkewSeconds, (ulong)defaults.ClockSkew.TotalSeconds)),
            Snp = snp is null ? null : SnpPolicyReader.Read(snp, references?.Where(release => release.Kind == SnpPolicyReader.Kind)),
            Tdx = tdx is null ? null : TdxPolicyReader.Read(tdx, references?.Where(release => release.Kind == TdxPolicyReader.Kind)),
            Gpu = gpu is null ? null : GpuPolicyReader.Read(gpu),
        };
        if (kinds is null || !kinds.MemberNames.Any())
        {
            root.Refuse("at least one kind of evidence is wanted: without one nothing is accepted.", "kinds");
        }

        kinds?.Complete();
        root.Complete();
        return policy;
    }
}
