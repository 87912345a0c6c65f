using Veil.PrivacyPass;

namespace Veil.Issuer;

/// <summary>One TokenRequest (RFC 9578). A blinded element that cannot be signed has cost its sender one token of the quota: whatever takes the issuer's time is counted.</summary>
internal sealed class SingleFormat(IQuotaStore quotas, SigningThreads threads) : IssuanceFormat
{
    public override string MediaType => PrivacyPassMediaTypes.TokenRequest;

    public override string ResponseMediaType => PrivacyPassMediaTypes.TokenResponse;

    public override int MaxSize { get; } = TokenType.Known.Max(type => type.TokenRequestSize);

    public override async Task<IssuanceOutcome> IssueAsync(AttestedAccount account, ReadOnlyMemory<byte> body, IssuerKeys keys, DateTimeOffset now)
    {
        if (!TokenRequest.TryParse(body.Span, out TokenRequest request, out _))
            return IssuanceOutcome.Refused(Problems.BadTokenRequest);
        if (keys.ForIssuing(request.Type, request.TruncatedKeyId, now) is not { } key)
            return IssuanceOutcome.Refused(Problems.UnknownKey);
        if (await quotas.DrawAsync(account.Id, key.Partition, atLeast: 1, atMost: 1, account.Quota).ConfigureAwait(false) == 0)
            return IssuanceOutcome.Refused(Problems.QuotaExhausted, keys.SecondsToNextKey(now));

        byte[]? response = await threads.RunAsync(() => key.Key.TryIssue(body.Span, out byte[]? signed, out _) ? signed : null).ConfigureAwait(false);
        return response is null ? IssuanceOutcome.Refused(Problems.BadTokenRequest) : IssuanceOutcome.Issued(response, [(key.Key.Type, 1)]);
    }
}
