using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Snp;

namespace Veil.Gateway.Hosts;

/// <summary>What evidence is accepted from hosts: appraisal policies in files, and for services without one these few settings for AMD SEV-SNP. An empty list accepts nothing.</summary>
public sealed class AttestationOptions
{
    /// <summary>Files of appraisal policies, each for the service that it names and of any kind of evidence, TDX and GPUs included; a service with a file takes nothing from the settings below.</summary>
    public IReadOnlyList<string> PolicyFiles { get; init; } = [];

    /// <summary>SHA-256 of the SubjectPublicKeyInfo of each trusted AMD root key, 64 hexadecimal digits.</summary>
    public IReadOnlyList<string> TrustedRoots { get; init; } = [];

    /// <summary>Accepted launch measurements, 96 hexadecimal digits each.</summary>
    public IReadOnlyList<string> Measurements { get; init; } = [];

    /// <summary>Longest time between the start and the end of a host's claims. Default 24 h: claims are made anew at every key epoch, a day at most.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "7.00:00:00")]
    public TimeSpan MaxClaimsLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How far a host's clock may be ahead. Default 1 min: servers that keep time are nearer.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Accept guests whose memory their operator can read. Default false.</summary>
    public bool AllowDebug { get; init; }

    /// <summary>The policy for hosts of one service.</summary>
    internal AppraisalPolicy PolicyFor(string service) => new()
    {
        Service = service,
        MaxClaimsLifetime = MaxClaimsLifetime,
        ClockSkew = ClockSkew,
        Snp = new SnpPolicy
        {
            TrustedRoots = [.. TrustedRoots.Select(FromHex)],
            Measurements = [.. Measurements.Select(FromHex)],
            AllowDebug = AllowDebug,
        },
    };

    /// <summary>The same for clients, as the JSON of an appraisal policy; the software comes from releases.</summary>
    internal byte[] PublishedPolicyFor(string service) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["v"] = 1,
        ["service"] = service,
        ["max_claims_seconds"] = (long)MaxClaimsLifetime.TotalSeconds,
        ["clock_skew_seconds"] = (long)ClockSkew.TotalSeconds,
        ["kinds"] = new Dictionary<string, object>
        {
            ["sev-snp"] = new Dictionary<string, object>
            {
                ["trusted_roots"] = TrustedRoots.Select(root => root.ToLowerInvariant()).ToArray(),
                ["allow_debug"] = AllowDebug,
            },
        },
    });

    private static ReadOnlyMemory<byte> FromHex(string digits) => Convert.FromHexString(digits);
}
