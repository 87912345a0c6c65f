using System.Text.Json;

namespace Veil.Common.Tests.Attestation;

/// <summary>
/// Evidence that real hardware made, with the verdict that a correct verifier reaches. It is other people's data: read from the folder
/// that <c>VEIL_EVIDENCE</c> names, else from <c>../shared/evidence</c> beside the checkout, and skipped where absent.
/// </summary>
internal static class ForeignEvidence
{
    /// <summary>The ids of all SEV-SNP pieces; one empty id where there are none, so that the theory says that it was skipped.</summary>
    public static IEnumerable<string> SnpIds() =>
        Directory.Exists(SnpFolder()) ? Directory.EnumerateDirectories(SnpFolder()).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal) : [string.Empty];

    /// <summary>The ids of all TDX pieces; one empty id where there are none.</summary>
    public static IEnumerable<string> TdxIds() =>
        Directory.Exists(TdxFolder()) ? Directory.EnumerateDirectories(TdxFolder()).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal) : [string.Empty];

    /// <summary>The JSON of a file by its path in the whole collection; skips the test where the collection is absent.</summary>
    public static JsonElement ReadManifest(string path) => JsonDocument.Parse(ReadShared(path)).RootElement;

    /// <summary>True when the collection has this file.</summary>
    public static bool HasShared(string path) => File.Exists(Path.Combine(Folder(), path));

    /// <summary>The manifest of one SEV-SNP piece.</summary>
    public static JsonElement Snp(string id)
    {
        Assert.SkipUnless(id.Length > 0, "Evidence of real hardware is not here: set VEIL_EVIDENCE to the folder that holds it.");
        return JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SnpFolder(), id, "manifest.json"))).RootElement;
    }

    /// <summary>The bytes of a file that a manifest names.</summary>
    public static byte[] Read(string id, string file) => File.ReadAllBytes(Path.Combine(SnpFolder(), id, file));

    /// <summary>The bytes of a file by its path in the whole collection; skips the test where the collection is absent.</summary>
    public static byte[] ReadShared(string path)
    {
        Assert.SkipUnless(Directory.Exists(Folder()), "Evidence of real hardware is not here: set VEIL_EVIDENCE to the folder that holds it.");
        return File.ReadAllBytes(Path.Combine(Folder(), path));
    }

    private static string TdxFolder() => Path.Combine(Folder(), "intel", "tdx");

    private static string SnpFolder() => Path.Combine(Folder(), "amd", "snp");

    private static string Folder() => Environment.GetEnvironmentVariable("VEIL_EVIDENCE") ?? Path.Combine(VectorFile.Root(), "..", "shared", "evidence");
}
