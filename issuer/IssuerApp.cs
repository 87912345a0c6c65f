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
    /// <param name="args">Of the command line.</param>
    /// <param name="clock">Default: the system's.</param>
    public static WebApplication Build(string[] args, TimeProvider? clock = null)
    {
        WebApplicationBuilder builder = CreateBuilder(args);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services
            .AddIssuerStores()
            .AddIssuerKeys()
            .AddAttesters(builder.Configuration)
            .AddIssuance()
            .AddRedemption();

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        RefuseWithoutKey(app.Services.GetRequiredService<IssuerKeyOptions>());
        app.Use(AnswerWhenAStoreIsDown);
        app.Use(AnswerWhenNothingIsMapped);
        app.MapGet(IssuerDirectory.WellKnownPath, app.Services.GetRequiredService<DirectoryEndpoint>().Handle);
        var metrics = app.Services.GetRequiredService<IssuerMetrics>();
        app.MapPost(TokenRequestEndpoint.Path, metrics.MeasureIssuance(app.Services.GetRequiredService<TokenRequestEndpoint>().Handle));
        app.MapPost(RedemptionEndpoint.Path, metrics.MeasureRedemption(app.Services.GetRequiredService<RedemptionEndpoint>().Handle));
        app.Services.GetRequiredService<KeyGauges>();
        return app;
    }

    /// <summary>Configuration and options alone: what the commands need.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults(new ServiceDescription(Name, typeof(Log)));
        builder.Services
            .AddValidatedOptions<StoreOptions, StoreOptionsRules>(StoreOptions.Section)
            .AddValidatedOptions<IssuerKeyOptions, IssuerKeyOptionsRules>(IssuerKeyOptions.Section)
            .AddValidatedOptions<IssuanceOptions, IssuanceOptionsRules>(IssuanceOptions.Section)
            .AddValidatedOptions<AttesterOptions, AttesterOptionsRules>(AttesterOptions.Section)
            .AddValidatedOptions<RedemptionOptions, RedemptionOptionsRules>(RedemptionOptions.Section)
            .AddOptionValues();
        return builder;
    }

    /// <summary>Makes the spent tokens' store where it is absent.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be made.</exception>
    public static void CreateSpent(StoreOptions options)
    {
        if (options.SpentPostgres is { } database)
            PostgresSpentTokenStore.Create(database);
        else
            SqliteSpentTokenStore.Create(options.Spent);
    }

    /// <summary>The ring of token keys, where the options say.</summary>
    /// <exception cref="KeyStoreException">The place cannot be used.</exception>
    public static StoredKeyRing<IssuerKey> OpenRing(IssuerKeyOptions options, WrappingKey wrappingKey) => new(
        KeyStorage.Open(options.Store, KeyKind, wrappingKey), options.Schedule(), new IssuerKeyFactory((ushort)options.TokenType));

    /// <summary>Authenticated with each key at rest: it must never change.</summary>
    private const string KeyKind = "issuer token keys";

    private static IServiceCollection AddOptionValues(this IServiceCollection services) => services
        .AddSingleton(provider => provider.GetRequiredService<IOptions<StoreOptions>>().Value)
        .AddSingleton(provider => provider.GetRequiredService<IOptions<IssuerKeyOptions>>().Value)
        .AddSingleton(provider => provider.GetRequiredService<IOptions<IssuanceOptions>>().Value)
        .AddSingleton(provider => provider.GetRequiredService<IOptions<AttesterOptions>>().Value)
        .AddSingleton(provider => provider.GetRequiredService<IOptions<RedemptionOptions>>().Value)
        .AddSingleton<GatewayAuthentication>();

    private static IServiceCollection AddIssuerStores(this IServiceCollection services) => services
        .AddSingleton<ISpentTokenStore>(provider => new MeasuredSpentTokenStore(OpenSpent(provider.GetRequiredService<StoreOptions>()), provider.GetRequiredService<IssuerMetrics>()))
        .AddSingleton<IQuotaStore>(provider => new MeasuredQuotaStore(
            AtStart(() => AccountStores.OpenQuotas(provider.GetRequiredService<StoreOptions>())), provider.GetRequiredService<IssuerMetrics>()))
        .AddSingleton(provider => AtStart(() => AccountStores.OpenAccounts(provider.GetRequiredService<StoreOptions>())))
        .AddReadinessCheck("spent-token store", provider => provider.GetRequiredService<ISpentTokenStore>().IsHealthy)
        .AddReadinessCheck("account store", provider => provider.GetRequiredService<IQuotaStore>().IsHealthy)
        .AddSingleton<IssuerMetrics>();

    private static IServiceCollection AddIssuerKeys(this IServiceCollection services) => services
        .AddSingleton(provider => AtStart(() => WrappingKey.From(provider.GetRequiredService<IssuerKeyOptions>().Store)))
        .AddSingleton(provider => AtStart(() => OpenRing(provider.GetRequiredService<IssuerKeyOptions>(), provider.GetRequiredService<WrappingKey>())))
        .AddSingleton<IssuerKeyRing>()
        .AddSingleton<KeyGauges>()
        .AddReadinessCheck("token key", provider => provider.GetRequiredService<IssuerKeyRing>().Live?.Active is not null)
        .AddSingleton<DirectoryEndpoint>()
        .AddHostedService<KeyRotation>()
        .AddHostedService<StoreUpkeep>();

    private static IServiceCollection AddIssuance(this IServiceCollection services) => services
        .AddSingleton<SigningThreads>()
        .AddSingleton<IssuanceFormat, SingleFormat>()
        .AddSingleton<IssuanceFormat, AmortizedBatchFormat>()
        .AddSingleton<IssuanceFormat, GenericBatchFormat>()
        .AddSingleton<TokenRequestEndpoint>();

    private static IServiceCollection AddAttesters(this IServiceCollection services, ConfigurationManager configuration)
    {
        services.AddSingleton<AccountQuotas>()
            .AddSingleton<AttestedIdentities>()
            .AddSingleton(provider => AtStart(() =>
                IdentityKey.OpenAsync(provider.GetRequiredService<IAccountStore>(), provider.GetRequiredService<WrappingKey>()).GetAwaiter().GetResult()))
            .AddSingleton(provider => new AccountAttestation(CreateAttesters(provider, provider.GetRequiredService<AttesterOptions>())));

        // Clients are asked for a certificate only where an account or a gateway has one to show. An account's is judged by the endpoint.
        bool areAccounts = configuration.GetSection($"{AttesterOptions.Section}:{nameof(AttesterOptions.Certificate)}").Exists();
        bool areGateways = configuration.GetSection($"{RedemptionOptions.Section}:{nameof(RedemptionOptions.Gateways)}").GetChildren()
            .Any(gateway => gateway[nameof(GatewayOptions.CertificateSpkiSha256)] is not null);
        return areAccounts ? services.AddClientCertificates(_ => _ => true)
            : areGateways ? services.AddClientCertificates(provider => provider.GetRequiredService<GatewayAuthentication>().IsPinned)
            : services;
    }

    private static IEnumerable<IAttester> CreateAttesters(IServiceProvider services, AttesterOptions options)
    {
        if (options.ApiKey)
            yield return ActivatorUtilities.CreateInstance<ApiKeyAttester>(services);
        foreach (OpenIdConnectOptions provider in options.OpenIdConnect)
        {
            yield return ActivatorUtilities.CreateInstance<OpenIdConnectAttester>(services, provider, ActivatorUtilities.CreateInstance<OpenIdConnectKeys>(services, provider));
        }

        if (options.Certificate is { } certificate)
            yield return ActivatorUtilities.CreateInstance<CertificateAttester>(services, certificate);
    }

    private static IServiceCollection AddRedemption(this IServiceCollection services) => services
        .AddSingleton<Redeemer>()
        .AddSingleton<RedemptionEndpoint>();

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
        if (!AtStart(() => KeyStorage.HoldsKeys(options.Store, KeyKind)))
            throw new StartupException($"there is no token key yet in {options.Store.Place}; make the first one with: {Name} keys init");
    }

    private static ISpentTokenStore OpenSpent(StoreOptions options) => AtStart<ISpentTokenStore>(() =>
    {
        if (options.SpentPostgres is { } database)
        {
            return PostgresSpentTokenStore.Exists(database)
                ? PostgresSpentTokenStore.OpenAsync(database).GetAwaiter().GetResult()
                : throw Missing($"the database {database.Target()} has no spent tokens' tables");
        }

        return File.Exists(options.Spent) ? new SqliteSpentTokenStore(options.Spent) : throw Missing($"the spent tokens' database {options.Spent} is not there");
    });

    private static StartupException Missing(string what) => new(
        $"{what}; `{Name} keys init` makes it with the first key. "
        + "If it was lost, an empty one would take every token again: remove the keys too, so that all tokens become void");

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
