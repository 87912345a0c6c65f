using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Veil.Attestation.Snp;
using Veil.HostAgent;
using Veil.ServiceDefaults;

namespace Veil.SoftwareTee;

/// <summary>A host agent whose TEE is this program.</summary>
internal static class SoftwareTeeRegistration
{
    /// <summary>Levels of the played machine; any would do, these are a Milan machine's of 2025.</summary>
    private static readonly TcbVersion Tcb = new(Fmc: 0, Bootloader: 4, Tee: 0, Snp: 24, Microcode: 219);

    public static IServiceCollection AddSoftwareTee(this IServiceCollection services) => services
        .AddValidatedOptions<SoftwareTeeOptions>(SoftwareTeeOptions.Section)
        .AddSingleton(provider => MakeChip(provider.GetRequiredService<IOptions<SoftwareTeeOptions>>().Value, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<IAttester>(provider => new SoftwareTeeAttester(
            provider.GetRequiredService<SoftwareChip>(),
            new SoftwareGuest { Measurement = provider.GetRequiredService<IOptions<SoftwareTeeOptions>>().Value.EffectiveMeasurement() }));

    private static SoftwareChip MakeChip(SoftwareTeeOptions options, TimeProvider clock)
    {
        DateTimeOffset now = clock.GetUtcNow();
        try
        {
            using SoftwareRoot root = SoftwareRoot.OpenOrCreate(options.RootFolder!, now);
            return new SoftwareChip(root, RandomNumberGenerator.GetBytes(SnpReport.ChipIdSize), Tcb, now);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new StartupException($"{SoftwareTeeOptions.Section}:{nameof(options.RootFolder)}: {options.RootFolder} holds no usable root: {failure.Message}", failure);
        }
    }
}
