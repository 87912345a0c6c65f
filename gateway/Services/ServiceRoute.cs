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

        HostConnection? host = await hosts.PickAsync([], cancellationToken);
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
                host = await hosts.PickAsync([], cancellationToken);
            }

            if (host is null)
                return Refusal.NoVerifiedHost;
            HostConnection first = host;
            host = null;
            return await ForwardAsync(admission, first, request, answer, cancellationToken);
        }
        finally
        {
            host?.Release();
        }
    }

    /// <summary>
    /// To a host that is held, and for as long as each is lost before it answers, to another one. One that may have seen it gets it never again; one that could not be reached may have
    /// come back meanwhile. All that are held are released.
    /// </summary>
    private async ValueTask<Refusal> ForwardAsync(Admission admission, HostConnection first, InnerRequest request, InnerAnswer answer, CancellationToken cancellationToken)
    {
        long end = IdleTimer.EndIn(options.MaxDuration * admission.Units);
        using KeptContent? kept = request.Content is WholeContent ? null : new KeptContent(request.Content, options.KeptRequestBytes);
        InnerRequest repeatable = kept is null ? request : new InnerRequest(request.Head, kept);
        List<HostConnection> unanswered = [];
        int mostTries = hosts.Links.Count + options.HostsPerRequest;
        HostConnection? host = first;
        for (int tries = 1; ; tries++)
        {
            Refusal refusal;
            HostLoss loss;
            try
            {
                (refusal, loss) = await _forwarder.ForwardAsync(admission, host, repeatable, answer, end, cancellationToken);
            }
            finally
            {
                host.Release();
            }

            if (loss is HostLoss.Unanswered)
                unanswered.Add(host);
            else if (loss is HostLoss.Unreached)
                host.GiveUp();
            bool mayRepeat = loss is not HostLoss.None && unanswered.Count < options.HostsPerRequest && tries < mostTries;
            if (!mayRepeat || !repeatable.Content.TryRewind())
                return refusal;
            host = await hosts.PickAsync(unanswered, cancellationToken);
            if (host is null)
                return unanswered.Count is 0 ? Refusal.NoVerifiedHost : refusal;
        }
    }
}
