using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Veil.HostAgent.Identity;

/// <summary>Advances the ring whenever its schedule asks for it; a TEE that does not answer is asked again.</summary>
internal sealed class IdentityRotation(IdentityRing ring, IHostApplicationLifetime stopping, TimeProvider clock, ILogger<IdentityRotation> logger) : BackgroundService
{
    /// <summary>Firmware throttles reports: often enough to come back within the notice, seldom enough not to add to it.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private bool _saidStill;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan wait = Advance(stoppingToken);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TimeSpan Advance(CancellationToken stoppingToken)
    {
        try
        {
            TimeSpan wait = ring.Advance() - clock.GetUtcNow();
            SayWhetherTheLogStands();
            return wait;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested || stopping.ApplicationStopping.IsCancellationRequested)
        {
            return RetryAfter;
        }
        catch (AttesterException)
        {
            logger.AttestationFailed(RetryAfter.TotalSeconds);
            return RetryAfter;
        }
    }

    private void SayWhetherTheLogStands()
    {
        if (ring.StoodStill == _saidStill)
            return;
        _saidStill = ring.StoodStill;
        if (_saidStill)
            logger.LogStandsStill();
        else
            logger.LogGoesOn();
    }
}
