using Veil.Attestation;
using Veil.Gateway.Hosts;
using Veil.Gateway.Inner;
using Veil.Gateway.Redemption;
using Veil.Gateway.Tokens;

namespace Veil.Gateway.Services;

/// <summary>
/// Leads to the hosts of one service, in the order that spends a token only when its request can be served: the token's signature, a verified host
/// that is held, the redemption, and only then content.
/// </summary>
internal sealed class ServiceRoute(ServiceOptions options, TokenGate gate, RedemptionClient issuer, HostPool hosts) : IInnerDestination
{
    private readonly HostForwarder _forwarder = new(options);
    private readonly ServicePrice _price = options.Price;

    public string Authority => options.Authority;

    public bool NeedsDate => _price.Tokens > 0;

    public async ValueTask<Refusal> AnswerAsync(InnerRequest request, InnerAnswer answer, CancellationToken cancellationToken)
    {
        if (request.Head.Method is "CONNECT" or "TRACE")
            return Refusal.MethodNotAllowed;
        long units = _price.UnitsFor(request.Content.Length ?? 0);
        if (units > _price.MaxUnits)
            return Refusal.ContentTooLarge;

        VerifiedTokens? tokens = null;
        Admission? admission = null;
        Refusal refusal = _price.Tokens > 0 ? gate.Verify(request.Head.Headers, _price, out tokens)
            : Admission.TryFree(request, out admission) ? Refusal.None
            : Refusal.MethodNotAllowed;
        if (refusal is not Refusal.None)
            return refusal;
        if (tokens?.Units < units)
            return Refusal.ContentTooLarge;

        HostConnection? host = await hosts.PickAsync(cancellationToken);
        if (host is null)
            return Refusal.NoVerifiedHost;
        try
        {
            if (tokens is not null)
            {
                (RedeemedTokens? paid, refusal) = await RedeemedTokens.RedeemAsync(tokens, issuer);
                admission = paid is null ? null : Admission.Paid(paid);
            }

            if (admission is null)
                return refusal;

            // The host may be lost or over since it was picked; the token is spent, and another host can serve it.
            if (!host.IsUsable)
            {
                host.Release();
                host = null;
                host = await hosts.PickAsync(cancellationToken);
            }

            return host is null ? Refusal.NoVerifiedHost : await _forwarder.ForwardAsync(admission, host, request, answer, cancellationToken);
        }
        finally
        {
            host?.Release();
        }
    }
}
