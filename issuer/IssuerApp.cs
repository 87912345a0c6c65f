using Microsoft.Extensions.Options;
using Veil.KeyStore;
using Veil.PrivacyPass;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>Composition of the issuer.</summary>
internal static class IssuerApp
{
    /// <summary>The command.</summary>
    public const string Name = "veil-issuer";

    /// <summary>Composes the server.</summary>
    public static WebApplication Build(string[] args)
    {
        WebApplicationBuilder builder = CreateBuilder(args);
        builder.Services
            .AddIssuerStores()
            .AddIssuerKeys()
            .AddIssuance()
            .AddRedemption(builder.Configuration);

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        RefuseWithoutKey(app.Services.GetRequiredService<IssuerKeyOptions>());
        app.Use(AnswerWhenAStoreIsDown);
        app.Use(AnswerWhenNothingIsMapped);
        app.MapGet(IssuerDirectory.WellKnownPath, app.Services.GetRequiredService<DirectoryEndpoint>().Handle);
        app.MapPost(TokenRequestEndpoint.Path, app.Services.GetRequiredService<TokenRequestEndpoint>().Handle);
        app.MapPost(RedemptionEndpoint.Path, app.Services.GetRequiredService<RedemptionEndpoint>().Handle);
        return app;
    }

    /// <summary>Configuration and options alone: what the commands need.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults(new ServiceDescription(Name, typeof(Log)));
        builder.Services
            .AddValidatedOptions<StoreOptions>(StoreOptions.Section)
            .AddValidatedOptions<IssuerKeyOptions, IssuerKeyOptionsRules>(IssuerKeyOptions.Section)
            .AddValidatedOptions<IssuanceOptions>(IssuanceOptions.Section)
            .AddValidatedOptions<RedemptionOptions, RedemptionOptionsRules>(RedemptionOptions.Section)
            .AddOptionValues();
        return builder;
    }

    /// <summary>The ring of token keys, on its folder.</summary>
    public static StoredKeyRing<IssuerKey> OpenRing(IssuerKeyOptions options, WrappingKey wrappingKey) => new(
        new KeyDirectory(options.Store.Directory!, "issuer token keys", wrappingKey), options.Schedule(), new IssuerKeyFactory(TokenTypeId));

    /// <summary>Blind RSA (2048 bits), the one type that this issuer makes keys for.</summary>
    private const ushort TokenTypeId = 2;

    private static IServiceCollection AddOptionValues(this IServiceCollection services) => services
        .AddSingleton(provider => provider.GetRequiredService<IOptions<StoreOptions>>().Value)
        .AddSingleton(provider => provider.GetRequiredService<IOptions<IssuerKeyOptions>>().Value)
        .AddSingleton(provider => provider.GetRequiredService<IOptions<IssuanceOptions>>().Value)
        .AddSingleton(provider => provider.GetRequiredService<IOptions<RedemptionOptions>>().Value);

    private static IServiceCollection AddIssuerStores(this IServiceCollection services) => services
        .AddSingleton<ISpentTokenStore>(provider => OpenSpent(provider.GetRequiredService<StoreOptions>()))
        .AddSingleton<IQuotaStore>(provider => AtStart(() => new SqliteQuotaStore(AccountStore.Database(Created(provider.GetRequiredService<StoreOptions>())))))
        .AddSingleton(provider => new AccountStore(Created(provider.GetRequiredService<StoreOptions>())))
        .AddReadinessCheck("spent-token store", provider => provider.GetRequiredService<ISpentTokenStore>().IsHealthy)
        .AddReadinessCheck("account store", provider => provider.GetRequiredService<IQuotaStore>().IsHealthy)
        .AddSingleton<IssuerMetrics>();

    private static IServiceCollection AddIssuerKeys(this IServiceCollection services) => services
        .AddSingleton(provider => AtStart(() => WrappingKey.From(provider.GetRequiredService<IssuerKeyOptions>().Store)))
        .AddSingleton(provider => AtStart(() => OpenRing(provider.GetRequiredService<IssuerKeyOptions>(), provider.GetRequiredService<WrappingKey>())))
        .AddSingleton<IssuerKeyRing>()
        .AddSingleton<DirectoryEndpoint>()
        .AddHostedService<KeyRotation>()
        .AddHostedService<StoreUpkeep>();

    private static IServiceCollection AddIssuance(this IServiceCollection services) => services
        .AddSingleton<AccountAttestation>()
        .AddSingleton<TokenRequestEndpoint>();

    private static IServiceCollection AddRedemption(this IServiceCollection services, ConfigurationManager configuration)
    {
        services.AddSingleton<GatewayAuthentication>().AddSingleton<Redeemer>().AddSingleton<RedemptionEndpoint>();

        // Clients are asked for a certificate only where a gateway has one to show.
        bool pinned = configuration.GetSection($"{RedemptionOptions.Section}:{nameof(RedemptionOptions.Gateways)}").GetChildren()
            .Any(gateway => gateway[nameof(GatewayOptions.CertificateSpkiSha256)] is not null);
        return pinned ? services.AddClientCertificates(provider => provider.GetRequiredService<GatewayAuthentication>().IsPinned) : services;
    }

    private static async Task AnswerWhenAStoreIsDown(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (StoreUnavailableException e) when (!context.Response.HasStarted)
        {
            context.RequestServices.GetRequiredService<ILogger<StoreUpkeep>>().StoreUnavailable(e.Message);
            context.RequestServices.GetRequiredService<IssuerMetrics>().Refused(Problems.StoreUnavailable);
            context.Response.Headers.RetryAfter = "1";
            await Problem.WriteAsync(context, Problems.StoreUnavailable).ConfigureAwait(false);
        }
    }

    /// <summary>Routing itself answers a wrong path or method with an empty body.</summary>
    private static async Task AnswerWhenNothingIsMapped(HttpContext context, RequestDelegate next)
    {
        await next(context).ConfigureAwait(false);
        if (context.Response is not { HasStarted: false, ContentType: null, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed })
            return;
        Problem problem = context.Response.StatusCode is StatusCodes.Status404NotFound ? Problems.NothingHere : Problems.WrongMethod;
        context.RequestServices.GetRequiredService<IssuerMetrics>().Refused(problem);
        await Problem.WriteAsync(context, problem).ConfigureAwait(false);
    }

    /// <summary>Asked before anything is opened, so that the first start of all names the one command that is missing.</summary>
    private static void RefuseWithoutKey(IssuerKeyOptions options)
    {
        if (!KeyDirectory.HoldsKeys(options.Store.Directory!))
            throw new StartupException($"there is no token key yet in {options.Store.Directory}; make the first one with: {Name} keys init");
    }

    private static SqliteSpentTokenStore OpenSpent(StoreOptions options)
    {
        if (!File.Exists(options.Spent))
        {
            throw new StartupException(
                $"the spent tokens' database {options.Spent} is not there; `{Name} keys init` makes it with the first key. "
                + "If it was lost, an empty one would take every token again: remove the key folder too, so that all tokens become void");
        }

        return AtStart(() => new SqliteSpentTokenStore(options.Spent));
    }

    private static string Created(StoreOptions options) => AtStart(() =>
    {
        AccountStore.Database(options.Accounts).Create();
        return options.Accounts;
    });

    private static T AtStart<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is StoreUnavailableException or KeyStoreException)
        {
            throw new StartupException(e.Message, e);
        }
    }
}
