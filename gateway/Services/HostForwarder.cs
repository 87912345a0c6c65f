using System.Buffers;
using System.Collections.Frozen;
using System.Net;
using System.Net.Http.Headers;
using Veil.Bhttp;
using Veil.Gateway.Hosts;
using Veil.Gateway.Inner;

namespace Veil.Gateway.Services;

/// <summary>
/// Takes an admitted request to a host and its answer back. Both messages are rebuilt from their parts: method, path, allowed fields and content go,
/// status, allowed fields and content come; both contents move piece by piece, up to what the units of the admission allow. An answer that the host breaks off
/// stays unfinished.
/// </summary>
internal sealed class HostForwarder(ServiceOptions options)
{
    /// <summary>One chunk of a chunked answer, with room for the framing of Binary HTTP.</summary>
    private const int ReadSize = (16 * 1024) - 8;

    private static readonly UriCreationOptions AsReceived = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private readonly FrozenSet<string> _requestFields = FieldAllowList.ForRequests(options.RequestFields);
    private readonly FrozenSet<string> _answerFields = FieldAllowList.ForAnswers(options.AnswerFields);

    /// <summary>Forwards the request to a host that the caller holds.</summary>
    /// <param name="admission">What it may take.</param>
    /// <param name="host">The host.</param>
    /// <param name="request">The request; its content is read from where it stands.</param>
    /// <param name="answer">Where the answer goes.</param>
    /// <param name="end">When it is over in any case, from <see cref="IdleTimer.EndIn"/>.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    /// <returns>What was refused, and whether another host may be given the request.</returns>
    public async ValueTask<(Refusal Refusal, HostLoss Loss)> ForwardAsync(
        Admission admission, HostConnection host, InnerRequest request, InnerAnswer answer, long end, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(admission);
        using var idle = new IdleTimer(options.AnswerTimeout, end, cancellationToken);
        HostRequestContent? content = null;
        bool isAnswered = false;
        try
        {
            content = await ContentAsync(request, options.MaxRequestBytes * admission.Units, idle);
            using HttpRequestMessage message = Rebuild(host, request.Head, content);
            using HttpResponseMessage received = await host.SendAsync(message, idle.Token);
            isAnswered = true;
            return (await AnswerAsync(received, answer, options.MaxAnswerBytes * admission.Units, idle), HostLoss.None);
        }
        catch (InnerContentException flaw)
        {
            return (flaw.Refusal, HostLoss.None);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            return content is { Failure: not Refusal.None } ? (content.Failure, HostLoss.None)
                : cancellationToken.IsCancellationRequested ? (Refusal.RequestAborted, HostLoss.None)
                : idle.RanOut ? (Refusal.HostTimedOut, HostLoss.None)
                : (Refusal.HostFailed, isAnswered ? HostLoss.None : NeverArrived(failure) ? HostLoss.Unreached : HostLoss.Unanswered);
        }
        finally
        {
            if (content is not null)
            {
                idle.End();
                await content.WhenOverAsync();
            }
        }
    }

    /// <summary>
    /// True where there was no connection to send it on. Where one was there at first, its host said before it closed that it had not taken the request (RFC 9113 section 6.8), and
    /// another one could not be made.
    /// </summary>
    private static bool NeverArrived(Exception failure) =>
        failure is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.NameResolutionError };

    /// <summary>A message has content or none before it is sent: where only time can tell, its first piece is waited for.</summary>
    private static async ValueTask<HostRequestContent?> ContentAsync(InnerRequest request, long limit, IdleTimer idle)
    {
        bool mayHaveNone = request.Head.Method is "GET" or "HEAD" or "DELETE" or "OPTIONS";
        if (!mayHaveNone)
            return new(request.Content, default, limit, idle);
        ReadOnlyMemory<byte> first = await request.Content.ReadAsync(idle.Token);
        return first.IsEmpty ? null : new(request.Content, first, limit, idle);
    }

    private HttpRequestMessage Rebuild(HostConnection host, RequestHead head, HostRequestContent? content)
    {
        string path = head.Path is "*" ? "/" : head.Path;
        var message = new HttpRequestMessage(new HttpMethod(head.Method), new Uri(host.Url.GetLeftPart(UriPartial.Authority) + path, AsReceived))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        message.Headers.Host = options.Authority;
        foreach (FieldLine line in head.Headers)
        {
            if (_requestFields.Contains(line.Name) && !message.Headers.TryAddWithoutValidation(line.Name, line.Value))
                content?.Headers.TryAddWithoutValidation(line.Name, line.Value);
        }

        return message;
    }

    private async ValueTask<Refusal> AnswerAsync(HttpResponseMessage received, InnerAnswer answer, long limit, IdleTimer idle)
    {
        idle.Touch();
        var fields = new FieldSection();
        Copy(received.Headers.NonValidated, fields);
        Copy(received.Content.Headers.NonValidated, fields);
        if (received.Content.Headers.ContentLength > limit)
            return Refusal.AnswerTooLarge;

        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            await using Stream content = await received.Content.ReadAsStreamAsync(idle.Token);
            await answer.StartAsync(new ResponseHead((int)received.StatusCode, fields), idle.Token);
            long total = 0;
            for (int read = await content.ReadAsync(buffer.AsMemory(0, ReadSize), idle.Token); read > 0; read = await content.ReadAsync(buffer.AsMemory(0, ReadSize), idle.Token))
            {
                idle.Touch();
                total += read;
                if (total > limit || !await answer.WriteAsync(buffer.AsMemory(0, read), idle.Token))
                    return Refusal.AnswerTooLarge;
            }

            await answer.CompleteAsync(idle.Token);
            return Refusal.None;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private void Copy(HttpHeadersNonValidated from, FieldSection to)
    {
        foreach ((string name, HeaderStringValues values) in from)
        {
#pragma warning disable CA1308 // Field names are lower case in Binary HTTP.
            string lower = name.ToLowerInvariant();
#pragma warning restore CA1308
            if (!_answerFields.Contains(lower))
                continue;
            foreach (string value in values)
                to.TryAdd(lower, value);
        }
    }
}
