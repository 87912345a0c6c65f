using System.Globalization;
using Veil.PrivacyPass;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>POST of requests for tokens: one, or a batch, by media type. Order: account, media type, size, then what the format says.</summary>
internal sealed class TokenRequestEndpoint(
    AccountAttestation attestation, IEnumerable<IssuanceFormat> formats, IssuerKeyRing ring, TimeProvider clock, IssuerMetrics metrics)
{
    /// <summary>Where it is mapped.</summary>
    public const string Path = "/token-request";

    private readonly IssuanceFormat[] _formats = [.. formats];

    public async Task Handle(HttpContext context)
    {
        Attested attested = await attestation.AttestAsync(context).ConfigureAwait(false);
        if (attested.Account is not { } account)
        {
            await Refuse(context, attested.Refusal!).ConfigureAwait(false);
            return;
        }

        if (Array.Find(_formats, format => MediaTypes.Is(context.Request, format.MediaType)) is not { } format)
        {
            await Refuse(context, Problems.MediaType).ConfigureAwait(false);
            return;
        }

        if (await RequestBody.ReadAsync(context, format.MaxSize).ConfigureAwait(false) is not { } body)
        {
            await Refuse(context, Problems.TooLarge).ConfigureAwait(false);
            return;
        }

        IssuanceOutcome outcome = await format.IssueAsync(account, body, ring.Keys, clock.GetUtcNow()).ConfigureAwait(false);
        if (outcome.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (outcome.Problem is { } problem)
        {
            await Refuse(context, problem).ConfigureAwait(false);
            return;
        }

        foreach ((TokenType type, int count) in outcome.Tokens)
        {
            metrics.Issued(type, count);
        }

        context.Response.StatusCode = outcome.Status;
        context.Response.ContentType = format.ResponseMediaType;
        context.Response.ContentLength = outcome.Body.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(outcome.Body, context.RequestAborted).ConfigureAwait(false);
    }

    private Task Refuse(HttpContext context, Problem problem)
    {
        metrics.Refused(problem);
        return Problem.WriteAsync(context, problem);
    }
}
