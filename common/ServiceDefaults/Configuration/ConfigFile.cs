using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace Veil.ServiceDefaults;

/// <summary>The file that <c>--config FILE</c> names: stronger than <c>appsettings.json</c>, weaker than the environment.</summary>
internal static class ConfigFile
{
    public static void Add(ConfigurationManager configuration)
    {
        if (configuration["config"] is not { Length: > 0 } path)
            return;
        string fullPath = Path.GetFullPath(path);
        if (!File.Exists(fullPath))
            throw new StartupException($"--config: found \"{path}\", which is not there; allowed: a readable JSON file");

        var source = new JsonConfigurationSource { Path = fullPath, Optional = false, ReloadOnChange = false };
        source.ResolveFileProvider();
        IList<IConfigurationSource> sources = configuration.Sources;
        int lastFile = sources.Index().LastOrDefault(item => item.Item is JsonConfigurationSource, (-1, null!)).Item1;
        try
        {
            sources.Insert(lastFile + 1, source);
        }
        catch (InvalidDataException notJson)
        {
            throw new StartupException($"--config: found \"{path}\", which is not JSON ({notJson.InnerException?.Message}); allowed: a readable JSON file");
        }
    }
}
