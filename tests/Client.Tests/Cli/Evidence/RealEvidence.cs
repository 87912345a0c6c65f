using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Veil.Client.Tests.Cli.Evidence;

/// <summary>Other people's evidence, in the folder that <c>VEIL_EVIDENCE</c> names, else in <c>../shared/evidence</c> beside the checkout.</summary>
internal static class RealEvidence
{
    private const string Absent = "Evidence of real hardware is not here: set VEIL_EVIDENCE to the folder that holds it.";

    /// <summary>The ids of all SEV-SNP pieces; one empty id where there are none.</summary>
    public static IEnumerable<string> SnpIds() =>
        Directory.Exists(Snp()) ? Directory.EnumerateDirectories(Snp()).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal) : [string.Empty];

    /// <summary>The folder of one piece and its manifest; skips the test where there is none.</summary>
    public static (string Folder, JsonElement Manifest) Open(string id)
    {
        Assert.SkipUnless(id.Length > 0 && Directory.Exists(Snp()), Absent);
        string folder = Path.Combine(Snp(), id);
        return (folder, JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json"))).RootElement);
    }

    /// <summary>The folders and manifests of all TDX pieces; skips the test where there are none.</summary>
    public static IEnumerable<(string Folder, JsonElement Manifest)> Tdx() => All("intel", "tdx");

    /// <summary>The folders and manifests of all pieces of GPUs; skips the test where there are none.</summary>
    public static IEnumerable<(string Folder, JsonElement Manifest)> Gpus() => All("nvidia");

    /// <summary>The folders and manifests of all certificates of other projects; skips the test where there are none.</summary>
    public static IEnumerable<(string Folder, JsonElement Manifest)> Ratls() => All("ratls");

    /// <summary>The folders and manifests of all quotes of SGX enclaves; skips the test where there are none.</summary>
    public static IEnumerable<(string Folder, JsonElement Manifest)> Sgx() => All("intel", "sgx");

    private static IEnumerable<(string Folder, JsonElement Manifest)> All(params string[] path)
    {
        string kind = Path.Combine([Snp(), "..", "..", .. path]);
        Assert.SkipUnless(Directory.Exists(kind), Absent);
        return Directory.EnumerateDirectories(kind).Select(folder => (folder, JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json"))).RootElement));
    }

    private static string Snp() => Path.Combine(Environment.GetEnvironmentVariable("VEIL_EVIDENCE") ?? Path.Combine(Root(), "..", "shared", "evidence"), "amd", "snp");

    private static string Root([CallerFilePath] string file = "")
    {
        string folder = Path.GetDirectoryName(file)!;
        while (!File.Exists(Path.Combine(folder, "Relay.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
