using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace Veil.ServiceDefaults;

/// <summary>A section that a service binds.</summary>
internal sealed record KnownSection(string Name);

/// <summary>Refuses a configuration file with a section that nobody binds: a typo there would silently leave the defaults in force.</summary>
internal static class KnownSections
{
    private static readonly string[] OfTheFramework = ["Logging", "AllowedHosts", "$schema"];

    public static void Check(IConfiguration configuration, IEnumerable<KnownSection> sections)
    {
        HashSet<string> known = new(sections.Select(section => section.Name.Split(':')[0]).Concat(OfTheFramework), StringComparer.OrdinalIgnoreCase);
        IEnumerable<string> found = ((IConfigurationRoot)configuration).Providers.OfType<JsonConfigurationProvider>()
            .SelectMany(provider => provider.GetChildKeys([], null)).Distinct(StringComparer.OrdinalIgnoreCase);
        if (found.FirstOrDefault(key => !known.Contains(key)) is { } unknown)
            throw new StartupException(new OptionProblem(unknown, "an unknown section", string.Join(", ", known.Except(OfTheFramework).Order(StringComparer.Ordinal))).ToString());
    }
}
