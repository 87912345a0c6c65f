using System.Reflection;

namespace Veil.DevStack;

/// <summary>Where the build put the parties' programs.</summary>
internal static class PartyPrograms
{
    /// <summary>The path of an assembly by its name, for example <c>Veil.Relay</c>.</summary>
    public static string Path(string assembly) =>
        typeof(PartyPrograms).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(known => known.Key == assembly).Value!;
}
