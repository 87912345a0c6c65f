using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Veil.Relay.Gateways;

namespace Veil.Relay.Mirror;

/// <summary>
/// Keeps a copy of every gateway's keys. It is fetched on a schedule and never because a client asked, so no request of a client
/// causes one to the gateway, and everyone gets the same bytes.
/// </summary>
internal sealed class KeyMirror(GatewayTable gateways, IOptions<RelayOptions> options, TimeProvider clock, ILogger<KeyMirror> logger) : BackgroundService
{
    /// <summary>A key configuration has 41 bytes, with post-quantum keys 1.3 KB; nobody offers fifty.</summary>
    private const int MaxKeysBytes = 64 * 1024;

    /// <summary>A few round trips of the slowest path; a gateway that needs longer for some hundred bytes is down.</summary>
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Doubles each time: a gateway that is just starting is found within a second, one that is down is left in peace.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(0.25);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(gateways.All.Select(gateway => KeepAsync(gateway, stoppingToken)));

    private async Task KeepAsync(Gateway gateway, CancellationToken stoppingToken)
    {
        TimeSpan retry = FirstRetry;
        try
        {
            while (true)
            {
                MirrorFailure failure = await FetchAsync(gateway, stoppingToken).ConfigureAwait(false);
                TimeSpan pause = failure is MirrorFailure.None ? options.Value.MirrorRefresh : retry;
                retry = failure is MirrorFailure.None ? FirstRetry : Min(retry * 2, options.Value.MirrorRefresh);
                if (failure is not MirrorFailure.None)
                    logger.KeysNotFetched(gateway.Name, failure, pause.TotalSeconds);
                await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task<MirrorFailure> FetchAsync(Gateway gateway, CancellationToken stoppingToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        timeout.CancelAfter(FetchTimeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Url) { Version = gateway.Version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaTypes.Keys));
            using HttpResponseMessage response = await gateway.DrawPool().SendAsync(request, timeout.Token).ConfigureAwait(false);
            if (response.StatusCode is not HttpStatusCode.OK)
                return MirrorFailure.WrongStatus;
            if (!MediaTypes.Keys.Equals(response.Content.Headers.ContentType?.MediaType, StringComparison.OrdinalIgnoreCase))
                return MirrorFailure.WrongMediaType;

            byte[]? bytes = await ReadAsync(response.Content, timeout.Token).ConfigureAwait(false);
            if (bytes is null)
                return MirrorFailure.WrongSize;
            bool isNew = gateway.Keys is not { } before || !before.Bytes.Span.SequenceEqual(bytes);
            gateway.Keys = new MirroredKeys(isNew ? bytes : gateway.Keys!.Bytes, clock.GetUtcNow());
            if (isNew)
                logger.KeysMirrored(gateway.Name, bytes.Length);
            return MirrorFailure.None;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return MirrorFailure.Unreachable;
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return MirrorFailure.TimedOut;
        }
    }

    private static async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MaxKeysBytes + 1];
        Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length is 0 or > MaxKeysBytes ? null : buffer[..length];
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
