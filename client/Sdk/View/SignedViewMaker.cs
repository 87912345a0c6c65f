using Veil.Attestation;
using Veil.Ohttp;

namespace Veil.ClientSdk;

/// <summary>
/// For an authority without a log: makes a <see cref="TrustedView"/> without ever connecting to the gateway: the relay's mirror of the keys, then, sealed to those keys and so unknown to
/// the relay, the gateway's own signed copy. A relay that shows this client other keys than the gateway has is found out before anything private is sent.
/// </summary>
internal sealed class SignedViewMaker(VeilOptions options, OuterHttp outer, TimeProvider time) : IViewMaker
{
    private const string ViewPath = "/.well-known/veil/view";
    private const string KeysMediaType = OhttpMediaType.Keys;

    /// <summary>Longest mirror, in bytes: a few configurations of the largest kind.</summary>
    private const int MaxKeys = 64 << 10;

    private readonly GatewayDocuments _documents = new(options, outer);

    /// <inheritdoc/>
    public async Task<TrustedView> MakeAsync(CancellationToken cancellationToken)
    {
        byte[] mirror = await outer.GetAsync(options.Relay!, KeysMediaType, Hop.Relay, MaxKeys, options.DocumentTimeout, cancellationToken).ConfigureAwait(false);
        if (!KeyConfig.TryParseCollection(mirror, out IReadOnlyList<KeyConfig>? configs, out _) || KeyConfig.Choose(configs) is not { } key)
        {
            throw new VeilException(VeilFailure.BadKeyConfiguration, Hop.Relay, "the mirrored key configurations do not parse, or offer no suite of this client.");
        }

        ReadOnlyMemory<byte> signed = await _documents.GetAsync(key, ViewPath, SignedView.MediaType, cancellationToken).ConfigureAwait(false);
        string host = new Uri($"https://{options.Authority}/").IdnHost;
        DateTimeOffset now = time.GetUtcNow();
        if (!SignedView.TryOpen(signed.Span, host, outer.TrustedRoots, now, out SignedView? own, out SignedViewError error))
        {
            throw new VeilException(VeilFailure.BadView, Hop.Gateway, $"the gateway's own copy is not its own: {error}.");
        }

        return TrustedView.TryAgree(mirror, own, options.Authority!, options.Issuer, now, out TrustedView? view, out VeilFailure failure)
            ? view
            : throw new VeilException(failure, failure is VeilFailure.ViewMismatch ? Hop.Relay : Hop.Gateway, Explain(failure));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
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
