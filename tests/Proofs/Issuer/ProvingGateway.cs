using System.Diagnostics;

namespace Veil.Proofs.Issuer;

/// <summary>
/// A gateway that presents its share of a plan, several calls at a time. A call without an answer is sent again with the same ids, to any replica, until there is
/// one; now and then a call is sent again although it was answered, as after an answer that got lost on its way.
/// </summary>
/// <param name="number">Its number, from 0.</param>
/// <param name="issuers">The replicas; a call goes to any of them.</param>
/// <param name="traffic">Counts for all gateways.</param>
/// <param name="random">Its own random source.</param>
internal sealed class ProvingGateway(int number, IReadOnlyList<IssuerProcess> issuers, Traffic traffic, Random random)
{
    private const int CallsAtATime = 4;

    /// <summary>One call in so many is sent again although it was answered.</summary>
    private const int AgainOf = 20;

    /// <summary>Many times what a start of the issuer or a takeover of its database takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The name that issuers know a gateway by.</summary>
    public static string Name(int number) => $"gateway-{number}";

    /// <summary>The bearer secret of a gateway.</summary>
    public static string Secret(int number) => $"the secret of gateway {number}, which exists in proofs only";

    /// <summary>Presents every call until it is answered.</summary>
    public async Task RunAsync(IEnumerable<PlannedRedemption[]> calls, byte[][] tokens, CancellationToken cancellation)
    {
        using var client = new IssuerClient();
        await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = CallsAtATime, CancellationToken = cancellation }, async (call, stop) =>
        {
            await traffic.AwaitLeaveAsync(stop);
            await PresentAsync(client, call, tokens, stop);
            traffic.Answered(call.Length);
            if (Draw(AgainOf) is 0)
                await PresentAsync(client, call, tokens, stop);
        });
    }

    private async Task PresentAsync(IssuerClient client, PlannedRedemption[] call, byte[][] tokens, CancellationToken stop)
    {
        long started = Stopwatch.GetTimestamp();
        (byte[], byte[])[] redemptions = [.. call.Select(redemption => (tokens[redemption.Token], redemption.Id))];
        while (true)
        {
            IssuerProcess issuer = issuers[Draw(issuers.Count)];
            Uri address = issuer.Address;
            try
            {
                string[] verdicts = await client.RedeemAsync(address, redemptions, Secret(number));
                for (int i = 0; i < call.Length; i++)
                {
                    call[i].Hear(verdicts[i]);
                }

                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException && IsWorthARetry(e, address, issuer, started))
            {
                traffic.Interrupted();
                await Task.Delay(Draw(40), stop);
            }
        }
    }

    /// <summary>A refusal other than "not now" is a fault of the proof, unless the issuer moved and somebody else answers on its old port.</summary>
    private static bool IsWorthARetry(Exception failure, Uri address, IssuerProcess issuer, long started) =>
        Stopwatch.GetElapsedTime(started) < Patience
        && (failure is not HttpRequestException { StatusCode: { } status } || (int)status >= 500 || address != issuer.Address);

    private int Draw(int below)
    {
        lock (random)
        {
            return random.Next(below);
        }
    }
}
