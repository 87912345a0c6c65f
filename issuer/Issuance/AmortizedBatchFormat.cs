using Veil.PrivacyPass;

namespace Veil.Issuer;

/// <summary>Tokens of one key under one proof: all of them or none, in the quota as in the answer.</summary>
internal sealed class AmortizedBatchFormat(IQuotaStore quotas, SigningThreads threads, IssuanceOptions options) : IssuanceFormat
{
    public override string MediaType => PrivacyPassMediaTypes.AmortizedBatchRequest;

    public override string ResponseMediaType => PrivacyPassMediaTypes.AmortizedBatchResponse;

    /// <summary>Twice as many tokens as are given, so that one too many is told what is wrong.</summary>
    public override int MaxSize { get; } = TokenType.Known.Where(type => type.IsAmortizable).Max(type => AmortizedBatchRequest.Size(type, 2 * options.MaxBatchTokens));

    public override async Task<IssuanceOutcome> IssueAsync(AttestedAccount account, ReadOnlyMemory<byte> body, IssuerKeys keys, DateTimeOffset now)
    {
        if (!AmortizedBatchRequest.TryParse(body, options.MaxBatchTokens, out AmortizedBatchRequest? request, out PrivacyPassError error))
            return IssuanceOutcome.Refused(error is PrivacyPassError.TooManyTokens ? Problems.TooManyTokens : Problems.BadTokenRequest);
        if (keys.ForIssuing(request.Type, request.TruncatedKeyId, now) is not { } key)
            return IssuanceOutcome.Refused(Problems.UnknownKey);
        if (await quotas.DrawAsync(account.Id, key.Partition, request.Count, request.Count, account.Quota).ConfigureAwait(false) == 0)
            return IssuanceOutcome.Refused(Problems.QuotaExhausted, keys.SecondsToNextKey(now));

        byte[]? response = await threads.RunAsync(() => key.Key.TryIssue(request, out byte[]? signed, out _) ? signed : null).ConfigureAwait(false);
        return response is null ? IssuanceOutcome.Refused(Problems.BadTokenRequest) : IssuanceOutcome.Issued(response, [(key.Key.Type, request.Count)]);
    }
}
