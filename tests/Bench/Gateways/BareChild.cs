using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Veil.Bench.Gateways;

/// <summary>The least that an HTTP server does: 1 KiB in, the same out.</summary>
internal sealed class BareChild : IBenchChild
{
    public string Name => "gateway-bare";

    public Task<int> RunAsync(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(async context =>
        {
            byte[] buffer = new byte[1024];
            await context.Request.Body.ReadExactlyAsync(buffer);
            context.Response.ContentType = "application/octet-stream";
            context.Response.ContentLength = buffer.Length;
            await context.Response.Body.WriteAsync(buffer);
        });
        return BenchChild.ServeAsync(app);
    }
}
