using System.Diagnostics;
using System.Text.Json;

namespace Veil.Proofs;

/// <summary>The file <c>ops/docs/proofs/NAME.json</c>: what ran, on which commit, and what came out.</summary>
internal static class ProofRecord
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>Writes the record and returns its path.</summary>
    public static string Write(IProof proof, ProofContext context, ProofResult result, TimeSpan took)
    {
        string root = Root();
        string path = Path.Combine(root, "ops", "docs", "proofs", proof.Name + ".json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var record = new
        {
            name = proof.Name,
            claim = proof.Description,
            seed = context.Seed,
            commit = Commit(root),
            date = DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            seconds = Math.Round(took.TotalSeconds),
            parameters = result.Parameters,
            figures = result.Figures,
            passed = result.Passed,
        };
        File.WriteAllText(path, JsonSerializer.Serialize(record, Format) + "\n");
        return path;
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Relay.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("Proofs run from inside the repository: Relay.sln was not found above them.");
    }

    /// <summary>The commit that was built, marked when the tree differs from it in more than proof records.</summary>
    private static string Commit(string root)
    {
        string commit = Git(root, "rev-parse", "HEAD");
        return commit.Length is 0 ? "unknown" : Git(root, "status", "--porcelain", "--", ".", ":!ops/docs/proofs").Length is 0 ? commit : commit + " (changed)";
    }

    private static string Git(string root, params string[] arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode is 0 ? output : "";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "";
        }
    }
}
