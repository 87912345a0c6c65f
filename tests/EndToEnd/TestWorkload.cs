using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Veil.EndToEnd;

/// <summary>The workload behind the hosts in these tests: it counts, sends and paces bytes, and remembers the requests that reached it.</summary>
internal sealed class TestWorkload : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestWorkload(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => IPEndPoint.Parse(new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Authority);

    /// <summary>Every request that arrived: method, target and fields.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    /// <summary>Chunks of the paced upload that have arrived, one release each.</summary>
    public SemaphoreSlim ChunkArrived { get; } = new(0);

    /// <summary>Releases the next chunk of the paced download, one each.</summary>
    public SemaphoreSlim SendNextChunk { get; } = new(0);

    /// <summary>Released once a slow answer has begun.</summary>
    public SemaphoreSlim AnswerBegan { get; } = new(0);

    public static async Task<TestWorkload> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        WebApplication app = builder.Build();
        var workload = new TestWorkload(app);
        app.Run(workload.AnswerAsync);
        await app.StartAsync();
        return workload;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Heads.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}\n"
            + string.Join('\n', context.Request.Headers.Select(field => $"{field.Key}: {field.Value}")));
        switch (context.Request.Path)
        {
            case "/count":
                await context.Response.WriteAsync((await CountAsync(context)).ToString(CultureInfo.InvariantCulture));
                break;
            case "/send":
                await SendAsync(context, long.Parse(context.Request.Query["bytes"]!, CultureInfo.InvariantCulture));
                break;
            case "/paced-upload":
                await PacedUploadAsync(context);
                break;
            case "/paced-download":
                await PacedDownloadAsync(context, int.Parse(context.Request.Query["chunks"]!, CultureInfo.InvariantCulture));
                break;
            case "/never-ends":
                await context.Response.WriteAsync("the first part of an answer");
                await context.Response.Body.FlushAsync();
                AnswerBegan.Release();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case "/echo":
                context.Response.ContentType = context.Request.ContentType;
                await context.Request.Body.CopyToAsync(context.Response.Body);
                break;
            case "/no-such-page":
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                await context.Response.WriteAsync("there is no such page");
                break;
            default:
                await context.Response.WriteAsync("hello from the workload");
                break;
        }
    }

    private static async Task<long> CountAsync(HttpContext context)
    {
        byte[] buffer = new byte[64 * 1024];
        long total = 0;
        for (int read; (read = await context.Request.Body.ReadAsync(buffer)) > 0;)
        {
            total += read;
        }

        return total;
    }

    private static async Task SendAsync(HttpContext context, long bytes)
    {
        byte[] block = new byte[64 * 1024];
        new Random(7).NextBytes(block);
        for (long left = bytes; left > 0; left -= block.Length)
        {
            await context.Response.Body.WriteAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)));
        }
    }

    private async Task PacedUploadAsync(HttpContext context)
    {
        byte[] buffer = new byte[64 * 1024];
        int inChunk = 0;
        for (int read; (read = await context.Request.Body.ReadAsync(buffer)) > 0;)
        {
            for (inChunk += read; inChunk >= PacedChunk; inChunk -= PacedChunk)
            {
                ChunkArrived.Release();
            }
        }

        await context.Response.WriteAsync("all chunks arrived");
    }

    private async Task PacedDownloadAsync(HttpContext context, int chunks)
    {
        for (int sent = 0; sent < chunks; sent++)
        {
            await SendNextChunk.WaitAsync(context.RequestAborted);
            await context.Response.Body.WriteAsync(new byte[PacedChunk]);
            await context.Response.Body.FlushAsync();
        }
    }

    /// <summary>Bytes of a paced chunk.</summary>
    public const int PacedChunk = 1000;
}
