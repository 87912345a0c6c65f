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
        .AddSingleton(provider => MakeAttester(provider.GetRequiredService<IOptions<SoftwareTeeOptions>>().Value, provider.GetRequiredService<TimeProvider>()));

    private static IAttester MakeAttester(SoftwareTeeOptions options, TimeProvider clock)
    {
        DateTimeOffset now = clock.GetUtcNow();
        try
        {
            return options.Kind is SoftwareTeeOptions.Tdx ? MakeTdx(options, now) : MakeSnp(options, now);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new StartupException($"{SoftwareTeeOptions.Section}:{nameof(options.RootFolder)}: {options.RootFolder} holds no usable root: {failure.Message}", failure);
        }
    }

    private static SoftwareTeeAttester MakeSnp(SoftwareTeeOptions options, DateTimeOffset now)
    {
        if (options.Fault is not SoftwareTeeOptions.NoFault)
        {
            throw new StartupException($"{SoftwareTeeOptions.Section}:{nameof(options.Fault)}: found {options.Fault}; a machine of kind {SoftwareTeeOptions.SevSnp} has {SoftwareTeeOptions.NoFault}");
        }

        using SoftwareRoot root = SoftwareRoot.OpenOrCreate(options.RootFolder!, now);
        var chip = new SoftwareChip(root, RandomNumberGenerator.GetBytes(SnpReport.ChipIdSize), Tcb, now);
        return new(chip, new SoftwareGuest { Measurement = options.EffectiveMeasurement() });
    }

    private static SoftwareTdxAttester MakeTdx(SoftwareTeeOptions options, DateTimeOffset now)
    {
        var guest = new SoftwareTd { Mrtd = options.EffectiveMeasurement() };
        return new(
            SoftwareTdxPlatform.Under(options.RootFolder!, now),
            options.Fault is SoftwareTeeOptions.Debug ? guest with { Attributes = guest.Attributes | 1 } : guest,
            options.Fault is SoftwareTeeOptions.OutOfDate ? new() { Status = "OutOfDate" } : null);
    }
}
