using Microsoft.Net.Http.Headers;
using Veil.PrivacyPass;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>
/// POST of one TokenRequest (RFC 9578). Order: account, media type, size, key, quota, signature. A blinded element that cannot be signed has
/// cost its sender one token of the quota: whatever takes the issuer's time is counted.
/// </summary>
internal sealed class TokenRequestEndpoint(AccountAttestation attestation, IQuotaStore quotas, IssuerKeyRing ring, TimeProvider clock, IssuerMetrics metrics)
{
    /// <summary>Where it is mapped.</summary>
    public const string Path = "/token-request";

    private static readonly int MaxSize = TokenType.All.Max(type => type.TokenRequestSize);

    public async Task Handle(HttpContext context)
    {
        Attested attested = await attestation.AttestAsync(context).ConfigureAwait(false);
        if (attested.Account is not { } account)
        {
            await Refuse(context, attested.Refusal!).ConfigureAwait(false);
            return;
        }

        if (!MediaTypes.Is(context.Request, PrivacyPassMediaTypes.TokenRequest))
        {
            await Refuse(context, Problems.MediaType).ConfigureAwait(false);
            return;
        }

        if (await RequestBody.ReadAsync(context, MaxSize).ConfigureAwait(false) is not { } body)
        {
            await Refuse(context, Problems.TooLarge).ConfigureAwait(false);
            return;
        }

        await Issue(context, account, body).ConfigureAwait(false);
    }

    private async Task Issue(HttpContext context, AttestedAccount account, ReadOnlyMemory<byte> body)
    {
        DateTimeOffset now = clock.GetUtcNow();
        IssuerKeys keys = ring.Keys;
        IssuerKey? key = TokenRequest.TryParse(body.Span, out TokenRequest request, out PrivacyPassError error)
            ? keys.ForIssuing(request.Type, request.TruncatedKeyId, now)
            : null;
        if (key is null)
        {
            await Refuse(context, error is PrivacyPassError.None ? Problems.UnknownKey : Problems.BadTokenRequest).ConfigureAwait(false);
            return;
        }

        if (await quotas.DrawAsync(account.Id, key.Partition, atLeast: 1, atMost: 1, account.Quota).ConfigureAwait(false) == 0)
        {
            context.Response.Headers.RetryAfter = keys.SecondsToNextKey(now).ToString(System.Globalization.CultureInfo.InvariantCulture);
            await Refuse(context, Problems.QuotaExhausted).ConfigureAwait(false);
            return;
        }

        if (!key.Key.TryIssue(body.Span, out byte[]? response, out _))
        {
            await Refuse(context, Problems.BadTokenRequest).ConfigureAwait(false);
            return;
        }

        metrics.Issued();
        context.Response.ContentType = PrivacyPassMediaTypes.TokenResponse;
        context.Response.ContentLength = response.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(response, context.RequestAborted).ConfigureAwait(false);
    }

    private Task Refuse(HttpContext context, Problem problem)
    {
        metrics.Refused(problem);
        return Problem.WriteAsync(context, problem);
    }
}
