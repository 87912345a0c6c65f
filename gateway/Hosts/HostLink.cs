using System.Net.Security;
using Veil.Attestation;

namespace Veil.Gateway.Hosts;

/// <summary>
/// Keeps one configured host verified: connects, verifies, and does it again on a new connection before the schedule, the claims' end or a lost
/// connection makes it necessary. Requests move to the new connection while those on the old one end there.
/// </summary>
internal sealed class HostLink(
    Uri url, AppraisalPolicy policy, VerifiedSignatures known, HostsOptions options, SslStreamCertificateContext? ownCertificate, TimeProvider time, ILogger<HostLink> logger)
{
    private volatile HostConnection? _current;
    private volatile string? _refusal;

    /// <summary>Where the host listens.</summary>
    public Uri Url => url;

    /// <summary>The verified connection, or null while there is none.</summary>
    public HostConnection? Current => _current is { IsUsable: true } connection ? connection : null;

    /// <summary>Why the host was refused when it was looked at last, the names of the checks that failed; null where it was not.</summary>
    public string? Refusal => _refusal;

    /// <summary>Works until <paramref name="stop"/>; <paramref name="changed"/> is called when a host comes or goes.</summary>
    public async Task KeepAsync(Action changed, CancellationToken stop)
    {
        TimeSpan pause = options.RetryAfter;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                (HostConnection? fresh, HostFailure? failure) = await HostConnection.OpenAsync(url, policy, known, options, ownCertificate, time, stop);
                Adopt(fresh, failure);
                changed();
                if (fresh is not null)
                {
                    pause = options.RetryAfter;
                    await UntilDueAsync(fresh, stop);
                    changed();
                }
                else
                {
                    await Task.Delay(pause, time, stop);
                    pause = pause * 2 < options.VerifyEvery ? pause * 2 : options.VerifyEvery;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The service stops.
        }
        finally
        {
            Interlocked.Exchange(ref _current, null)?.Retire();
        }
    }

    private void Adopt(HostConnection? fresh, HostFailure? failure)
    {
        _refusal = failure?.Refused?.ToString();
        if (fresh is not null)
        {
            if (_current is null || !_current.Host.ClaimsSha256.Span.SequenceEqual(fresh.Host.ClaimsSha256.Span))
                logger.HostVerified(url.Authority, fresh.Host.Expires);
            Interlocked.Exchange(ref _current, fresh)?.Retire();
        }
        else if (failure!.Refused is { } verdict)
        {
            // What stands at the address now is not what was verified: the old connection is given up with it.
            logger.HostRefused(url.Authority, verdict.ToString());
            Interlocked.Exchange(ref _current, null)?.Retire();
        }
        else
        {
            logger.HostUnreachable(url.Authority, failure.Reason);
        }
    }

    private async Task UntilDueAsync(HostConnection connection, CancellationToken stop)
    {
        TimeSpan left = connection.Host.Expires - time.GetUtcNow();
        TimeSpan due = left / 2 < options.VerifyEvery ? left / 2 : options.VerifyEvery;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task timer = Task.Delay(due > TimeSpan.Zero ? due : options.RetryAfter, time, waiting.Token);
        if (await Task.WhenAny(timer, connection.Lost) == connection.Lost)
            logger.HostLost(url.Authority);
        await waiting.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }
}
