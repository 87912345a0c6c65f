using Veil.Relay.Forwarding;
using Veil.Relay.Gateways;
using Veil.Relay.Limits;
using Veil.Relay.Mirror;
using Veil.ServiceDefaults;

namespace Veil.Relay;

/// <summary>The whole public surface: <c>GET</c> and <c>POST /{gateway}</c>. A query string is ignored; it goes nowhere.</summary>
internal sealed class RelayEndpoint(GatewayTable gateways, AddressBudget budget, MirrorEndpoint mirror, RequestEndpoint requests, RelayMetrics metrics)
{
    /// <summary>Label of requests that name no gateway of ours; what they name is not counted.</summary>
    private const string NoGateway = "none";

    public Task HandleAsync(HttpContext context)
    {
        if (!budget.TryTake(context.Connection.RemoteIpAddress))
        {
            return RefuseAsync(context, NoGateway, RelayOutcome.RateLimited);
        }
        if (gateways.Find(context.Request.Path) is not { } gateway)
            return RefuseAsync(context, NoGateway, RelayOutcome.UnknownGateway);
        if (HttpMethods.IsPost(context.Request.Method))
            return CarryAsync(context, gateway);
        if (HttpMethods.IsGet(context.Request.Method))
            return mirror.WriteAsync(context, gateway);
        context.Response.Headers.Allow = "GET, POST";
        return RefuseAsync(context, gateway.Name, RelayOutcome.WrongMethod);
    }

    private async Task CarryAsync(HttpContext context, Gateway gateway)
    {
        RelayOutcome outcome = RelayOutcome.TooManyAtOnce;
        if (budget.TryEnter(context.Connection.RemoteIpAddress, out int slot))
        {
            try
            {
                outcome = await requests.CarryAsync(context, gateway).ConfigureAwait(false);
            }
            finally
            {
                budget.Leave(slot);
            }
        }
        if (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
            await RefuseAsync(context, gateway.Name, outcome).ConfigureAwait(false);
        else
            metrics.Ended(gateway.Name, outcome);
    }

    private Task RefuseAsync(HttpContext context, string gateway, RelayOutcome outcome)
    {
        metrics.Ended(gateway, outcome);
        if (outcome is RelayOutcome.RateLimited or RelayOutcome.TooManyAtOnce)
            context.Response.Headers.RetryAfter = "1";
        return Problem.WriteAsync(context, RelayProblems.For(outcome));
    }
}
