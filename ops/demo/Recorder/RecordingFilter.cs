using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Veil.Recorder;

/// <summary>Puts the recorder before everything else in the request pipeline.</summary>
internal sealed class RecordingFilter(RecordFile file) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(RecordAsync);
        next(app);
    };

    private async Task RecordAsync(HttpContext context, RequestDelegate next)
    {
        var received = new CopyingStream(context.Request.Body);
        var sent = new CopyingStream(context.Response.Body);
        context.Request.Body = received;
        IHttpResponseBodyFeature body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(sent, body));
        string target = context.Request.Path + context.Request.QueryString;
        KeyValuePair<string, string>[] headers =
            [.. context.Request.Headers.SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value ?? "")))];
        try
        {
            await next(context);
            await context.Response.CompleteAsync();
        }
        finally
        {
            file.Append(new Record(
                context.Connection.RemoteIpAddress?.MapToIPv4().ToString() ?? "",
                context.Connection.LocalPort,
                context.Request.Method,
                target,
                headers,
                received.Copied,
                received.Total,
                sent.Copied,
                sent.Total));
        }
    }
}
