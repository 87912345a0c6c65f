using Veil.ServiceDefaults;
using Veil.TransparencyLog.Publishing;

namespace Veil.TransparencyLog;

/// <summary>The composition of <c>veil-log serve</c>.</summary>
internal static class LogApp
{
    /// <summary>The command's name.</summary>
    public const string Name = "veil-log";

    /// <summary>Builds the log; <paramref name="compose"/> lets a test or a measurement add or replace parts.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? compose = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults(new ServiceDescription(Name, typeof(Log)));
        builder.Services
            .AddValidatedOptions<LogOptions, LogOptionsRules>(LogOptions.Section)
            .AddSingleton<PublisherAuthentication>()
            .AddClientCertificates(provider => provider.GetRequiredService<PublisherAuthentication>().Accepts)
            .AddSingleton<LogWriter>()
            .AddHostedService(provider => provider.GetRequiredService<LogWriter>())
            .AddSingleton<AppendEndpoint>()
            .AddSingleton<PublicFiles>()
            .AddReadinessCheck("published", provider => provider.GetRequiredService<LogWriter>().IsPublished)
            .AddReadinessCheck("writable", provider => provider.GetRequiredService<LogWriter>().IsWritable);
        compose?.Invoke(builder);

        WebApplication app = builder.Build();
        app.MapServiceDefaults();

        // The folder first: a log that cannot write does not listen.
        app.Services.GetRequiredService<LogWriter>();
        AppendEndpoint append = app.Services.GetRequiredService<AppendEndpoint>();
        PublicFiles files = app.Services.GetRequiredService<PublicFiles>();
        app.Run(context => context.Request.Path == AppendEndpoint.Path ? append.HandleAsync(context) : files.HandleAsync(context));
        return app;
    }
}
