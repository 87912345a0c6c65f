namespace Veil.Fuzz;

/// <summary>The inputs kept in <c>tests/Fuzz/corpus/TARGET</c>: starting points for mutation and earlier finds.</summary>
internal static class Corpus
{
    /// <summary>Every input of one target with its file name, in name order.</summary>
    public static IReadOnlyList<(string File, byte[] Bytes)> Of(FuzzTarget target)
    {
        string folder = Path.Combine(Folder(), target.Name);
        return !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))];
    }

    /// <summary>Names of the folders that hold inputs.</summary>
    public static IEnumerable<string> Names() => Directory.EnumerateDirectories(Folder()).Select(folder => Path.GetFileName(folder)!);

    private static string Folder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Relay.sln")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? throw new InvalidOperationException("Run from inside the repository: Relay.sln was not found above."), "tests", "Fuzz", "corpus");
    }
}
