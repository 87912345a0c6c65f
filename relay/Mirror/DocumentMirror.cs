using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Veil.Relay.Gateways;

namespace Veil.Relay.Mirror;

/// <summary>
/// Keeps a copy of every gateway's documents. They are fetched on a schedule and never because a client asked, so no request of a client
/// causes one to the gateway, and everyone gets the same bytes.
/// </summary>
internal sealed class DocumentMirror(GatewayTable gateways, IOptions<RelayOptions> options, TimeProvider clock, ILogger<DocumentMirror> logger) : BackgroundService
{
    /// <summary>A few round trips of the slowest path; a gateway that needs longer for some hundred bytes is down.</summary>
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Doubles each time: a gateway that is just starting is found within a second, one that is down is left in peace.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(0.25);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(gateways.All.SelectMany(gateway => gateway.Documents.Select(document => KeepAsync(gateway, document, stoppingToken))));

    private async Task KeepAsync(Gateway gateway, Mirrored document, CancellationToken stoppingToken)
    {
        TimeSpan retry = FirstRetry;
        try
        {
            while (true)
            {
                MirrorFailure failure = await FetchAsync(gateway, document, stoppingToken).ConfigureAwait(false);
                document.WasAsked = true;
                TimeSpan pause = failure is MirrorFailure.None ? options.Value.MirrorRefresh : retry;
                retry = failure is MirrorFailure.None ? FirstRetry : Min(retry * 2, options.Value.MirrorRefresh);
                if (failure is not MirrorFailure.None)
                    logger.NotFetched(document.Kind.Name, gateway.Name, failure, pause.TotalSeconds);
                await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task<MirrorFailure> FetchAsync(Gateway gateway, Mirrored document, CancellationToken stoppingToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        timeout.CancelAfter(FetchTimeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Url) { Version = gateway.Version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(document.Kind.MediaType));
            using HttpResponseMessage response = await gateway.DrawPool().SendAsync(request, timeout.Token).ConfigureAwait(false);
            if (response.StatusCode is not HttpStatusCode.OK)
                return MirrorFailure.WrongStatus;
            if (!document.Kind.MediaType.Equals(response.Content.Headers.ContentType?.MediaType, StringComparison.OrdinalIgnoreCase))
                return MirrorFailure.WrongMediaType;

            byte[]? bytes = await ReadAsync(response.Content, document.Kind.MaxBytes, timeout.Token).ConfigureAwait(false);
            if (bytes is null)
                return MirrorFailure.WrongSize;
            MirroredDocument? before = document.Copy;
            bool isNew = before is null || !before.Bytes.Span.SequenceEqual(bytes);
            document.Copy = new MirroredDocument(isNew ? bytes : before!.Bytes, clock.GetUtcNow());
            if (isNew)
                logger.Mirrored(document.Kind.Name, gateway.Name, bytes.Length);
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

    private static async Task<byte[]?> ReadAsync(HttpContent content, int most, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[most + 1];
        Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length is 0 || length > most ? null : buffer[..length];
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
