using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Veil.Attestation.Nvidia;

namespace Veil.Attestation;

/// <summary>
/// A host whose record passed every check of a policy. There is no other way to get one: whoever routes or seals to a host takes
/// this and nothing less.
/// </summary>
public sealed class AppraisedHost
{
    private AppraisedHost(HostRecord record, HostClaims claims, DateTimeOffset expires)
    {
        Record = record;
        Claims = claims;
        Expires = expires;
        ClaimsSha256 = SHA256.HashData(record.EncodedClaims.Span);
    }

    /// <summary>The record that was appraised.</summary>
    public HostRecord Record { get; }

    /// <summary>The claims, now known to be the guest's own.</summary>
    public HostClaims Claims { get; }

    /// <summary>SHA-256 of the claims' exact bytes: what seals and logs refer to.</summary>
    public ReadOnlyMemory<byte> ClaimsSha256 { get; }

    /// <summary>The instant after which this verdict no longer holds: the earliest end of claims and certificates.</summary>
    public DateTimeOffset Expires { get; }

    /// <summary>Appraises a host record on its own. A TLS connection needs <see cref="RatlsAppraisal"/>, which also ties the record to its key.</summary>
    /// <param name="record">Untrusted.</param>
    /// <param name="policy">What is accepted.</param>
    /// <param name="now">The verifier's time.</param>
    /// <param name="host">The proof.</param>
    /// <param name="verdict">All checks, whatever the outcome.</param>
    public static bool TryAppraise(HostRecord record, AppraisalPolicy policy, DateTimeOffset now, [NotNullWhen(true)] out AppraisedHost? host, out Verdict verdict) =>
        TryAppraise(record, policy, new AppraisalContext { Now = now }, out host, out verdict);

    /// <summary>Appraises a host record on its own, with what the relying party knows.</summary>
    /// <param name="record">Untrusted.</param>
    /// <param name="policy">What is accepted.</param>
    /// <param name="context">The verifier's time, nonce and memory.</param>
    /// <param name="host">The proof.</param>
    /// <param name="verdict">All checks, whatever the outcome.</param>
    public static bool TryAppraise(HostRecord record, AppraisalPolicy policy, AppraisalContext context, [NotNullWhen(true)] out AppraisedHost? host, out Verdict verdict)
    {
        var checks = new VerdictBuilder();
        host = Appraise(record, policy, context, checks);
        verdict = checks.ToVerdict();
        return host is not null;
    }

    /// <summary>Adds the record's checks to those that were already made; null when any of them failed.</summary>
    internal static AppraisedHost? Appraise(HostRecord record, AppraisalPolicy policy, AppraisalContext context, VerdictBuilder checks)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(context);
        HostClaims? claims;
        using (checks.Open(GroupNames.Claims))
        {
            bool parsed = HostClaims.TryParse(record.EncodedClaims.Span, out claims, out AttestationError error);
            if (!checks.CheckParsed(CheckNames.Claims, parsed, error, "record claims") || claims is null)
            {
                return null;
            }

            CheckClaims(claims, policy, context, checks);
        }

        byte[] boundValue = context.Nonce.IsEmpty ? HostClaims.BoundValue(record.EncodedClaims.Span) : HostClaims.NonceBoundValue(record.EncodedClaims.Span, context.Nonce.Span);
        var scope = new AppraisalScope(boundValue, IsHardwareOnly: false, context.Now, context.Known);
        DateTimeOffset? chainEnds = EvidenceAppraiser.Appraise(record.Evidence, record.Endorsements, policy, scope, checks);
        DateTimeOffset gpusEnd = GpuAppraiser.Appraise(claims, record.Endorsements, policy.Gpu, context.Now, checks);
        return chainEnds is { } ends && checks.AllPassed ? new(record, claims, new[] { ends, gpusEnd, claims.NotAfter }.Min()) : null;
    }

    private static void CheckClaims(HostClaims claims, AppraisalPolicy policy, AppraisalContext context, VerdictBuilder checks)
    {
        DateTimeOffset now = context.Now;
        checks.Check(CheckNames.ClaimsService, string.Equals(claims.Service, policy.Service, StringComparison.Ordinal), claims.Service, policy.Service, "claims service", policy.Service);
        bool holds = claims.NotBefore <= now + policy.ClockSkew && now <= claims.NotAfter;
        DateTimeOffset nearest = now > claims.NotAfter ? claims.NotAfter : claims.NotBefore - policy.ClockSkew;
        checks.Check(CheckNames.ClaimsValidity, holds, $"{claims.NotBefore:u} to {claims.NotAfter:u}", $"holds at {now:u}", "claims not_before, not_after", $"{nearest:u}");
        checks.Until(CheckNames.ClaimsValidity, claims.NotAfter, "claims not_after");
        if (policy.Freshness is not Freshness.Boot)
        {
            TimeSpan lifetime = claims.NotAfter - claims.NotBefore;
            checks.Check(CheckNames.ClaimsLifetime, lifetime <= policy.MaxClaimsLifetime, $"{lifetime}", $"at most {policy.MaxClaimsLifetime}", "claims not_before, not_after", $"{policy.MaxClaimsLifetime}");
            CheckCheckpoint(claims, policy, context.Checkpoint, checks);
        }

        // That the report binds it is the check of the report data.
        if (policy.Freshness is Freshness.Nonce)
        {
            checks.Check(CheckNames.Nonce, !context.Nonce.IsEmpty, context.Nonce.IsEmpty ? "none was sent" : "sent", "a nonce of this appraisal", "relying party");
        }
    }

    /// <summary>The guest's own clock says when the claims begin, and its operator may turn it: how old they are at most, the log says.</summary>
    private static void CheckCheckpoint(HostClaims claims, AppraisalPolicy policy, ClaimedCheckpoint? checkpoint, VerdictBuilder checks)
    {
        if (checkpoint is null)
        {
            if (!claims.CheckpointRoot.Span.SequenceEqual(HostClaims.NoCheckpoint.Span))
            {
                checks.Gap(CheckNames.ClaimsCheckpoint, accepted: true, $"size {claims.CheckpointSize}, and no log to hold it to", "one of the authority's log", "claims checkpoint");
            }

            return;
        }

        bool holds = checkpoint.NewestUntil is { } until && claims.NotAfter - until <= policy.MaxClaimsLifetime;
        string found = checkpoint.NewestUntil is { } end ? $"size {claims.CheckpointSize}, the newest until {end:u}" : "none of this log";
        DateTimeOffset oldest = claims.NotAfter - policy.MaxClaimsLifetime;
        checks.Check(CheckNames.ClaimsCheckpoint, holds, found, $"one of this log, the newest at {oldest:u} or later", "claims checkpoint", $"the newest at {oldest:u}");
    }
}
