using System.Collections;

namespace Veil.HostAgent;

/// <summary>
/// Variables that make the loader or the runtime run other code than the measured image, or let another process into this one. Who sets the environment of a guest's
/// program may be outside the measurement, so a host does not start with any of them. The reasons stand in the threat model.
/// </summary>
public static class UnmeasuredEnvironment
{
    private static readonly string[] Names =
    [
        "GCONV_PATH", "GLIBC_TUNABLES",
        "DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE",
        "DOTNET_GCName", "DOTNET_GCPath", "DOTNET_OPENSSL_VERSION_OVERRIDE",
        "DOTNET_DiagnosticPorts",
        "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", "DOTNET_HOSTINGSTARTUPASSEMBLIES",
    ];

    private static readonly string[] Prefixes =
    [
        "LD_", "OPENSSL_", "CORECLR_", "COMPlus_",
        "DOTNET_ROOT", "DOTNET_ROLL_FORWARD", "DOTNET_AltJit", "DOTNET_JitName", "DOTNET_JitPath",
    ];

    /// <summary>Names of the variables that are set to something and must not be, in order; names are compared without case.</summary>
    public static IReadOnlyList<string> Find(IDictionary environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return
        [
            .. environment.Cast<DictionaryEntry>()
                .Where(entry => entry.Value is string { Length: > 0 } && entry.Key is string name && IsRefused(name))
                .Select(entry => (string)entry.Key)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static bool IsRefused(string name) =>
        Names.Contains(name, StringComparer.OrdinalIgnoreCase) || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
