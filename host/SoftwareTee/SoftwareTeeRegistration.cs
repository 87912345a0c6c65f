using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Veil.HostAgent;
using Veil.ServiceDefaults;
using Veil.SoftwareTee.Forgeries;

namespace Veil.SoftwareTee;

/// <summary>A host agent whose TEE is this program.</summary>
internal static class SoftwareTeeRegistration
{
    public static IServiceCollection AddSoftwareTee(this IServiceCollection services) => services
        .AddValidatedOptions<SoftwareTeeOptions, SoftwareTeeOptionsRules>(SoftwareTeeOptions.Section)
        .AddSingleton<IAttester>(provider => Start(provider.GetRequiredService<IOptions<SoftwareTeeOptions>>().Value, provider.GetRequiredService<TimeProvider>()));

    private static PlayedMachine Start(SoftwareTeeOptions options, TimeProvider clock)
    {
        try
        {
            return PlayedMachine.Start(options, ForgeryList.Find(options.Kind, options.Fault), clock.GetUtcNow());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new StartupException($"{SoftwareTeeOptions.Section}:{nameof(options.RootFolder)}: {options.RootFolder} holds no usable root: {failure.Message}", failure);
        }
    }
}
