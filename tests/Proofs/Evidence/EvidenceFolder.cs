using System.Text.Json;

namespace Veil.Proofs.Evidence;

/// <summary>
/// Evidence of real hardware with manifests, other people's data: the folder that <c>VEIL_EVIDENCE</c> names, else <c>../shared/evidence</c> beside the checkout.
/// </summary>
public static class EvidenceFolder
{
    /// <summary>The folder; it may be absent.</summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable("VEIL_EVIDENCE") ?? System.IO.Path.Combine(Root(), "..", "shared", "evidence");

    /// <summary>Null when the evidence is here, else what to do about it.</summary>
    public static string? Unavailable => Directory.Exists(Path) ? null : "Evidence of real hardware is not here: set VEIL_EVIDENCE to the folder that holds it.";

    /// <summary>The folders below a path that hold a manifest, in order of their names.</summary>
    public static IEnumerable<(string Folder, JsonElement Manifest)> Pieces(string under) =>
        Directory.EnumerateDirectories(System.IO.Path.Combine(Path, under)).Order(StringComparer.Ordinal)
            .Select(folder => (folder, JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(folder, "manifest.json"))).RootElement));

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "Relay.sln")))
            folder = System.IO.Path.GetDirectoryName(folder);
        return folder ?? AppContext.BaseDirectory;
    }
}
