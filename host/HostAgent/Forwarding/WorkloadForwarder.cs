using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Veil.ServiceDefaults;

namespace Veil.HostAgent.Forwarding;

/// <summary>
/// Hands requests to the workload. Each message is rebuilt from its parts: method, target and allow-listed fields go in, status, allow-listed fields and
/// content come out, and both bodies stream piece by piece. An answer that the workload breaks off is aborted, never ended.
/// </summary>
internal sealed class WorkloadForwarder : IDisposable
{
    private const int ReadSize = 64 * 1024;
    private static readonly UriCreationOptions AsReceived = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private readonly HttpMessageInvoker _workload;
    private readonly HostOptions _options;
    private readonly ForwardedFields _fields;
    private readonly string _base;
    private readonly SemaphoreSlim _places;
    private readonly ILogger<WorkloadForwarder> _logger;

    public WorkloadForwarder(IOptions<HostOptions> options, ILogger<WorkloadForwarder> logger)
    {
        _options = options.Value;
        _fields = new(_options);
        _base = _options.Workload!.GetLeftPart(UriPartial.Authority);
        _places = new(_options.MaxConcurrentRequests);
        _logger = logger;
        SocketsHttpHandler handler = OutboundHandler.Create(new SslClientAuthenticationOptions());
        handler.ConnectTimeout = _options.ConnectTimeout;
        handler.MaxConnectionsPerServer = _options.MaxConcurrentRequests;
        _workload = new(handler, disposeHandler: true);
    }

    /// <summary>Serves one request.</summary>
    public async Task ForwardAsync(HttpContext context)
    {
        if (!string.Equals(context.Request.Host.Value, _options.Service, StringComparison.OrdinalIgnoreCase))
        {
            await Problem.WriteAsync(context, HostProblems.WrongService).ConfigureAwait(false);
            return;
        }

        if (!_places.Wait(TimeSpan.Zero))
        {
            context.Response.Headers.RetryAfter = "1";
            await Problem.WriteAsync(context, HostProblems.Busy).ConfigureAwait(false);
            return;
        }

        try
        {
            await ExchangeAsync(context).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose()
    {
        _workload.Dispose();
        _places.Dispose();
    }

    private async Task ExchangeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = _options.MaxRequestBytes;

        // A client may pause inside its content, and the server would end all requests of the gateway's connection for it; the idle timeout holds instead.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;

        using var idle = new IdleTimer(_options.IdleTimeout, context.RequestAborted);
        try
        {
            using HttpRequestMessage request = Rebuild(context, idle);
            using HttpResponseMessage answer = await _workload.SendAsync(request, idle.Token).ConfigureAwait(false);
            if (!IsDelimited(request, answer))
                throw new HttpIOException(HttpRequestError.ResponseEnded, "The answer's end cannot be told from the workload's.");
            await AnswerAsync(context, answer, idle).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException or BadHttpRequestException)
        {
            await EndAsync(context, failure).ConfigureAwait(false);
        }
    }

    private HttpRequestMessage Rebuild(HttpContext context, IdleTimer idle)
    {
        HttpRequest received = context.Request;
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var request = new HttpRequestMessage(new HttpMethod(received.Method), new Uri(_base + (target.StartsWith('/') ? target : "/"), AsReceived))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Host = _options.Service;
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
            request.Content = new WorkloadRequestContent(received.BodyReader, received.ContentLength, idle);
        foreach ((string name, StringValues values) in received.Headers)
        {
            if (_fields.Requests.Contains(name) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return request;
    }

    /// <summary>An answer that ends with its connection (RFC 9112 section 6.3, item 8) would look complete when the workload dies.</summary>
    private static bool IsDelimited(HttpRequestMessage request, HttpResponseMessage answer) =>
        answer.Content.Headers.ContentLength is not null
        || answer.Headers.TransferEncodingChunked == true
        || request.Method == HttpMethod.Head
        || answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified;

    private async Task AnswerAsync(HttpContext context, HttpResponseMessage answer, IdleTimer idle)
    {
        HttpResponse response = context.Response;
        response.StatusCode = (int)answer.StatusCode;
        Copy(answer.Headers.NonValidated, response.Headers);
        Copy(answer.Content.Headers.NonValidated, response.Headers);
        response.ContentLength = answer.Content.Headers.ContentLength;

        // The head goes out now: a model may think long before its first word.
        await response.Body.FlushAsync(idle.Token).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            Stream content = await answer.Content.ReadAsStreamAsync(idle.Token).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                int read;
                while ((read = await content.ReadAsync(buffer, idle.Token).ConfigureAwait(false)) > 0)
                {
                    idle.Touch();
                    await response.Body.WriteAsync(buffer.AsMemory(0, read), idle.Token).ConfigureAwait(false);
                    await response.Body.FlushAsync(idle.Token).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private void Copy(System.Net.Http.Headers.HttpHeadersNonValidated from, IHeaderDictionary to)
    {
        foreach ((string name, System.Net.Http.Headers.HeaderStringValues values) in from)
        {
            if (_fields.Responses.Contains(name))
                to[name] = values.ToArray();
        }
    }

    private async Task EndAsync(HttpContext context, Exception failure)
    {
        if (context.RequestAborted.IsCancellationRequested)
            return;
        if (context.Response.HasStarted)
        {
            _logger.AnswerCutShort();
            context.Abort();
            return;
        }

        Problem problem = Classify(failure);
        if (problem != HostProblems.BodyTooLarge)
            _logger.WorkloadUnavailable(problem.Title);
        context.Response.Clear();
        await Problem.WriteAsync(context, problem).ConfigureAwait(false);
    }

    private static Problem Classify(Exception failure) => failure switch
    {
        BadHttpRequestException or { InnerException: BadHttpRequestException } => HostProblems.BodyTooLarge,
        HttpRequestException { InnerException: SocketException } => HostProblems.WorkloadDown,
        OperationCanceledException => HostProblems.WorkloadSlow,
        _ => HostProblems.WorkloadFailed,
    };
}
