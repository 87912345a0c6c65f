using Veil.KeyLifecycle;
using Veil.KeyStore;

namespace Veil.Issuer;

/// <summary>Lets keys come and go while the issuer runs: on their schedule, and within seconds of a <c>keys</c> command.</summary>
internal sealed class KeyRotation(IssuerKeyRing ring, IssuerKeyOptions options, TimeProvider clock, ILogger<KeyRotation> logger) : BackgroundService
{
    /// <summary>How soon a change that somebody made in the folder is seen.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly ClockWatch _watch = new(clock, options.Notice);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ring.StartAsync(clock.GetUtcNow()).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            TimeSpan untilChange = ring.Keys.Live.NextChange - clock.GetUtcNow();
            TimeSpan wait = TimeSpan.FromMilliseconds(Math.Clamp(untilChange.TotalMilliseconds, 1, LookEvery.TotalMilliseconds));
            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
                return;

            try
            {
                bool isTrusted = _watch.Look(out TimeSpan jump);
                if (jump != TimeSpan.Zero)
                    logger.ClockJumped(jump);
                if (await ring.RefreshAsync(clock.GetUtcNow(), isTrusted).ConfigureAwait(false))
                    LogChange(ring.Keys.Live);
            }
            catch (Exception e) when (e is KeyStoreException or StoreUnavailableException or PlatformNotSupportedException)
            {
                logger.KeysNotRefreshed(e.Message);
            }
        }
    }

    private void LogChange(LiveKeys<IssuerKey> live) => logger.KeysChanged(live.Active?.Entry.Serial ?? 0, live.Announced.Length, live.Grace.Length);
}
