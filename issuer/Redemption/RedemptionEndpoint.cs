using System.Buffers;
using System.Text.Json;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>POST of tokens that a gateway was given. The verdicts stand in the order of the redemptions, and are on disk before the first byte leaves.</summary>
internal sealed class RedemptionEndpoint(GatewayAuthentication gateways, Redeemer redeemer, RedemptionOptions options, TimeProvider clock, IssuerMetrics metrics)
{
    /// <summary>Where it is mapped.</summary>
    public const string Path = "/redeem";

    private readonly int _maxSize = RedemptionRequest.MaxSize(options.MaxTokensPerCall);

    public async Task Handle(HttpContext context)
    {
        if (gateways.Identify(context) is not { } gateway)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await Refuse(context, Problems.UnknownGateway).ConfigureAwait(false);
            return;
        }

        if (!MediaTypes.Is(context.Request, "application/json"))
        {
            await Refuse(context, Problems.MediaType).ConfigureAwait(false);
            return;
        }

        if (await RequestBody.ReadAsync(context, _maxSize).ConfigureAwait(false) is not { } body)
        {
            await Refuse(context, Problems.TooLarge).ConfigureAwait(false);
            return;
        }

        if (!RedemptionRequest.TryParse(body, options.MaxTokensPerCall, out List<PresentedToken>? presented, out RedemptionRequestError error))
        {
            await Refuse(context, error is RedemptionRequestError.TooMany ? Problems.TooManyRedemptions : Problems.MalformedRedemption).ConfigureAwait(false);
            return;
        }

        Verdict[] verdicts = await redeemer.RedeemAsync(presented, gateway, clock.GetUtcNow()).ConfigureAwait(false);
        foreach (Verdict verdict in Enum.GetValues<Verdict>())
        {
            if (verdicts.AsSpan().Count(verdict) is > 0 and int count)
                metrics.Redeemed(verdict, count);
        }

        await Answer(context, verdicts).ConfigureAwait(false);
    }

    private static Task Answer(HttpContext context, Verdict[] verdicts)
    {
        var buffer = new ArrayBufferWriter<byte>(32 + (16 * verdicts.Length));
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("verdicts"u8);
            foreach (Verdict verdict in verdicts)
            {
                json.WriteStringValue(Word(verdict));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = buffer.WrittenCount;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).AsTask();
    }

    private static ReadOnlySpan<byte> Word(Verdict verdict) => verdict switch
    {
        Verdict.Accepted => "accepted"u8,
        Verdict.Spent => "spent"u8,
        Verdict.UnknownKey => "unknown-key"u8,
        Verdict.Expired => "expired"u8,
        _ => "invalid"u8,
    };

    private Task Refuse(HttpContext context, Problem problem)
    {
        metrics.Refused(problem);
        return Problem.WriteAsync(context, problem);
    }
}
