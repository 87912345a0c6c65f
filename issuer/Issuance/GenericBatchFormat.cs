using Veil.PrivacyPass;

namespace Veil.Issuer;

/// <summary>
/// TokenRequests of any keys, each served or left out by itself: 200 when all were, 206 when some were, 400 when none was. Where the quota of a key does not
/// suffice, the first entries of that key get what is left.
/// </summary>
internal sealed class GenericBatchFormat(IQuotaStore quotas, SigningThreads threads, IssuanceOptions options) : IssuanceFormat
{
    public override string MediaType => PrivacyPassMediaTypes.GenericBatchRequest;

    public override string ResponseMediaType => PrivacyPassMediaTypes.GenericBatchResponse;

    /// <summary>Twice as many tokens as are given, so that one too many is told what is wrong.</summary>
    public override int MaxSize { get; } = sizeof(ulong) + (2 * options.MaxBatchTokens * TokenType.Known.Max(type => type.TokenRequestSize));

    public override async Task<IssuanceOutcome> IssueAsync(AttestedAccount account, ReadOnlyMemory<byte> body, IssuerKeys keys, DateTimeOffset now)
    {
        if (!GenericBatchRequest.TryParse(body, options.MaxBatchTokens, out GenericBatchRequest? request, out PrivacyPassError error))
            return IssuanceOutcome.Refused(error is PrivacyPassError.TooManyTokens ? Problems.TooManyTokens : Problems.BadTokenRequest);

        int count = request.TokenRequests.Count;
        var wanted = new IssuerKey?[count];
        for (int i = 0; i < count; i++)
        {
            if (TokenRequest.TryParse(request.TokenRequests[i].Span, out TokenRequest entry, out _))
                wanted[i] = keys.ForIssuing(entry.Type, entry.TruncatedKeyId, now);
        }

        if (Array.TrueForAll(wanted, key => key is null))
            return IssuanceOutcome.Refused(Problems.NoTokenOfBatch);

        IssuerKey?[] granted = await DrawAsync(account, wanted).ConfigureAwait(false);
        if (Array.TrueForAll(granted, key => key is null))
            return IssuanceOutcome.Refused(Problems.QuotaExhaustedForBatch, keys.SecondsToNextKey(now));

        byte[]?[] responses = await threads.RunAsync(() => Sign(request, granted)).ConfigureAwait(false);
        (TokenType Type, int Count)[] issued =
            [.. granted.Where((_, index) => responses[index] is not null).CountBy(key => key!.Key.Type).Select(tokens => (tokens.Key, tokens.Value))];
        return issued.Length == 0
            ? IssuanceOutcome.Refused(Problems.NoTokenOfBatch)
            : IssuanceOutcome.Issued(
                GenericBatchResponse.Write(request, responses),
                issued,
                issued.Sum(tokens => tokens.Count) == count ? StatusCodes.Status200OK : StatusCodes.Status206PartialContent);
    }

    /// <summary>Counts the tokens of each key and keeps the entries that the quota covers.</summary>
    private async Task<IssuerKey?[]> DrawAsync(AttestedAccount account, IssuerKey?[] wanted)
    {
        var granted = new IssuerKey?[wanted.Length];
        foreach (IssuerKey? key in wanted.Distinct())
        {
            if (key is null)
                continue;

            int asked = wanted.Count(other => other == key);
            int left = await quotas.DrawAsync(account.Id, key.Partition, atLeast: 1, asked, account.Quota).ConfigureAwait(false);
            for (int i = 0; i < wanted.Length && left > 0; i++)
            {
                if (wanted[i] == key)
                {
                    granted[i] = key;
                    left--;
                }
            }
        }

        return granted;
    }

    private static byte[]?[] Sign(GenericBatchRequest request, IssuerKey?[] keys)
    {
        var responses = new byte[]?[keys.Length];
        for (int i = 0; i < keys.Length; i++)
            responses[i] = keys[i] is { } key && key.Key.TryIssue(request.TokenRequests[i].Span, out byte[]? response, out _) ? response : null;

        return responses;
    }
}
