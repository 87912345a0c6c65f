using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Veil.Proofs.Hosts;

/// <summary>The workload behind the hosts: it thinks for a while before it answers, or answers in pieces, and remembers which requests it began to answer.</summary>
internal sealed class ChurnWorkload : IAsyncDisposable
{
    /// <summary>Pieces of an answer that flows.</summary>
    public const int Pieces = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60);

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, bool> _begun = [];

    private ChurnWorkload(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => IPEndPoint.Parse(new Uri(_app.Urls.Single()).Authority);

    public static async Task<ChurnWorkload> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var workload = new ChurnWorkload(app);
        app.Run(workload.AnswerAsync);
        await app.StartAsync();
        return workload;
    }

    /// <summary>True when a request's answer had begun, at whichever host had it last.</summary>
    public bool HasBegun(string target) => _begun.ContainsKey(target);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        string target = $"{context.Request.Path}{context.Request.QueryString}";
        byte[] content;
        using (var body = new MemoryStream())
        {
            await context.Request.Body.CopyToAsync(body);
            content = body.ToArray();
        }

        // Another host had it before and was lost: what counts is this attempt.
        _begun.TryRemove(target, out _);
        bool flows = context.Request.Path == "/flow";
        if (!flows)
            await Task.Delay(Pause * Pieces, context.RequestAborted);
        for (int i = 0; i < (flows ? Pieces : 1); i++)
        {
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            _begun[target] = true;
            if (flows)
                await Task.Delay(Pause, context.RequestAborted);
        }
    }
}
