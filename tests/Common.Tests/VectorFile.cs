using System.Text.Json;

namespace Veil.Common.Tests;

/// <summary>
/// Opens test vectors. The RFCs' and drafts' own lie in <c>tests/vectors</c>; those of other projects are read from the
/// folder that <c>VEIL_VECTORS</c> names, else from <c>../shared/vectors</c> beside the checkout, and skip where absent.
/// </summary>
internal static class VectorFile
{
    /// <summary>A committed vector file, for example <c>rfc9292/bhttp-rfc9292.json</c>.</summary>
    public static JsonElement Open(string name) => Parse(Path.Combine(Root(), "tests", "vectors", name));

    /// <summary>A vector file of another project, or a skipped test that says which file is missing.</summary>
    public static JsonElement OpenForeign(string name)
    {
        string folder = Environment.GetEnvironmentVariable("VEIL_VECTORS") ?? Path.Combine(Root(), "..", "shared", "vectors");
        string path = Path.Combine(folder, name);
        Assert.SkipUnless(File.Exists(path), $"{name} is another project's data and is not here: set VEIL_VECTORS to the folder that holds it.");
        return Parse(path);
    }

    /// <summary>The folder that holds Relay.sln.</summary>
    public static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Relay.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("Tests run from inside the repository: Relay.sln was not found above them.");
    }

    /// <summary>The bytes of a lower-case hex property.</summary>
    public static byte[] Hex(this JsonElement element, string property) => Convert.FromHexString(element.GetProperty(property).GetString()!);

    private static JsonElement Parse(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
}
