namespace Veil.Issuer;

/// <summary>
/// Forgets redemptions whose memory is over. It writes at least once a minute, so a store that failed is found to work again although no request
/// is sent to an issuer that is not ready.
/// </summary>
internal sealed class StoreUpkeep(ISpentTokenStore spent, IQuotaStore quotas, IssuerKeyRing ring, TimeProvider clock, ILogger<StoreUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EveryWhileDown = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool isDown = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (ring.IsClockTrusted)
                {
                    await spent.SweepAsync(clock.GetUtcNow()).ConfigureAwait(false);
                    await quotas.FollowAsync([.. ring.Keys.Live.All.Select(key => (key.Key.Partition, key.Entry.AnnouncedAt))]).ConfigureAwait(false);
                }

                if (isDown)
                    logger.StoreRecovered();
                isDown = false;
            }
            catch (StoreUnavailableException e)
            {
                if (!isDown)
                    logger.StoreUnavailable(e.Message);
                isDown = true;
            }

            await Task.Delay(isDown || !spent.IsHealthy || !quotas.IsHealthy ? EveryWhileDown : Every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
