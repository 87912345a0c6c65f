using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Veil.HostAgent.Vendors;
using Veil.ServiceDefaults;

namespace Veil.HostAgent.Configfs;

/// <summary>The machine's own TEE as the agent's attester.</summary>
internal static class ConfigfsRegistration
{
    /// <summary>Adds the attester, which is opened when the first identity is made, and the manufacturer's collateral.</summary>
    public static IServiceCollection AddConfigfsAttester(this IServiceCollection services) => services
        .AddValidatedOptions<ConfigfsOptions, ConfigfsOptionsRules>(ConfigfsOptions.Section)
        .AddSingleton(provider => new VendorDocuments(
            provider.GetRequiredService<IOptions<ConfigfsOptions>>().Value.Vendors,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<VendorDocuments>>(),
            provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping))
        .AddSingleton<IAttester>(provider =>
        {
            ConfigfsOptions options = provider.GetRequiredService<IOptions<ConfigfsOptions>>().Value;
            return new ConfigfsAttester(options, new TsmFolder(options.Folder), new VendorCollateral(options.Vendors, provider.GetRequiredService<VendorDocuments>()));
        });
}
