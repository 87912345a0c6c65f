using Veil.Attestation;
using Veil.Bhttp;
using Veil.Ohttp;

namespace Veil.ClientSdk;

/// <summary>
/// Makes a <see cref="TrustedView"/> without ever connecting to the gateway: the relay's mirror of the keys, then, sealed to those keys and so unknown to
/// the relay, the gateway's own signed copy. A relay that shows this client other keys than the gateway has is found out before anything private is sent.
/// </summary>
internal sealed class TrustedViewMaker(VeilOptions options, OuterHttp outer, TimeProvider time)
{
    private const string ViewPath = "/.well-known/veil/view";
    private const string KeysMediaType = OhttpMediaType.Keys;

    /// <summary>Longest mirror, in bytes: a few configurations of the largest kind.</summary>
    private const int MaxKeys = 64 << 10;

    /// <exception cref="VeilException">A hop did not answer, or what it answered does not agree.</exception>
    public async Task<TrustedView> MakeAsync(CancellationToken cancellationToken)
    {
        byte[] mirror = await outer.GetAsync(options.Relay!, KeysMediaType, Hop.Relay, MaxKeys, options.DocumentTimeout, cancellationToken).ConfigureAwait(false);
        if (!KeyConfig.TryParseCollection(mirror, out IReadOnlyList<KeyConfig>? configs, out _) || KeyConfig.Choose(configs) is not { } key)
        {
            throw new VeilException(VeilFailure.BadKeyConfiguration, Hop.Relay, "the mirrored key configurations do not parse, or offer no suite of this client.");
        }

        byte[] signed = await FetchOwnCopyAsync(key, cancellationToken).ConfigureAwait(false);
        string host = new Uri($"https://{options.Authority}/").IdnHost;
        DateTimeOffset now = time.GetUtcNow();
        if (!SignedView.TryOpen(signed, host, outer.TrustedRoots, now, out SignedView? own, out SignedViewError error))
        {
            throw new VeilException(VeilFailure.BadView, Hop.Gateway, $"the gateway's own copy is not its own: {error}.");
        }

        return TrustedView.TryAgree(mirror, own, options.Authority!, options.Issuer, now, out TrustedView? view, out VeilFailure failure)
            ? view
            : throw new VeilException(failure, failure is VeilFailure.ViewMismatch ? Hop.Relay : Hop.Gateway, Explain(failure));
    }

    private async Task<byte[]> FetchOwnCopyAsync(KeyConfig key, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.DocumentTimeout);
        try
        {
            // Without a date: the answer is for everyone, so nothing is gained by a replay, and a wrong clock is told by the first real request.
            FieldSection headers = new FieldSection().Add("accept", SignedView.MediaType);
            var request = new BinaryRequest(new RequestHead("GET", "https", options.Authority!, ViewPath, headers), default);
            BinaryResponse answer = await new PlainExchange(options, outer).SendAsync(key, request, deadline.Token).ConfigureAwait(false);
            return answer.Head.Status is 200 && answer.Head.Headers.TryGet("content-type", out string? type) && type == SignedView.MediaType
                ? answer.Content.ToArray()
                : throw new VeilException(VeilFailure.BadView, Hop.Gateway, $"the gateway's own copy came with status {answer.Head.Status} or as something else.");
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VeilException(VeilFailure.Unreachable, Hop.Gateway, $"no own copy within {options.DocumentTimeout.TotalSeconds:0} s.", failure);
        }
    }

    private static string Explain(VeilFailure failure) => failure switch
    {
        VeilFailure.ViewMismatch => "the relay's mirror and the gateway's own copy of the keys differ; nothing was sent.",
        VeilFailure.StaleView => "the gateway's own copy is signed for another time; check this machine's clock.",
        VeilFailure.Busy => "the gateway does not have its issuer's directory yet; try again later.",
        VeilFailure.BadKeyConfiguration => "the gateway offers no suite of this client.",
        VeilFailure.BadChallenge => "the challenge is for another issuer or origin, or could tell clients apart.",
        _ => "the gateway's own copy is malformed, or for another authority.",
    };
}
