using System.Globalization;
using System.Text;
using Veil.ServiceDefaults;
using Veil.TransparencyLog.Publishing;

namespace Veil.TransparencyLog.Witnessing;

/// <summary>The composition of <c>veil-log witness</c>.</summary>
internal static class WitnessApp
{
    /// <summary>Builds the witness; <paramref name="compose"/> lets a test add or replace parts.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? compose = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults(new ServiceDescription(LogApp.Name, typeof(Log)));
        builder.Services
            .AddValidatedOptions<WitnessOptions, WitnessOptionsRules>(WitnessOptions.Section)
            .AddSingleton<Witness>();
        compose?.Invoke(builder);

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        Witness witness = app.Services.GetRequiredService<Witness>();
        app.Run(context => AnswerAsync(context, witness));
        return app;
    }

    private static async Task AnswerAsync(HttpContext context, Witness witness)
    {
        if (context.Request.Path != "/add-checkpoint")
        {
            await Problem.WriteAsync(context, LogProblems.NoSuchResource);
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await Problem.WriteAsync(context, LogProblems.WrongMethod);
            return;
        }

        byte[] buffer = new byte[AddCheckpoint.MaxSize + 1];
        int length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        WitnessAnswer answer = AddCheckpoint.TryParse(buffer.AsMemory(0, length), out AddCheckpoint? request) ? witness.Answer(request) : new(StatusCodes.Status400BadRequest);
        (string? mediaType, byte[] body) = answer.Status switch
        {
            StatusCodes.Status200OK => ("text/plain; charset=utf-8", answer.Cosignature!),
            StatusCodes.Status409Conflict => (AppendEndpoint.SizeMediaType, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{answer.Size}\n"))),
            _ => (null, []),
        };
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
