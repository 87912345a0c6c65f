using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;

namespace Veil.Interop;

/// <summary>
/// The npm packages of <c>package.json</c>, installed at the versions and hashes of its lock file into <c>node_modules</c> beside it, and a Node that runs them: the
/// system's, or where that is older than the packages want, the one of <c>node/package.json</c>.
/// </summary>
internal static class ForeignPackages
{
    private const int OldestNode = 20;

    private static readonly string Folder = typeof(ForeignPackages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "ScriptFolder").Value!;

    private static readonly Lazy<Task<(string Node, string? Missing)>> Installed = new(InstallAsync);

    /// <summary>Skips the calling test, with the reason, where the packages cannot be had.</summary>
    public static async Task RequireAsync()
    {
        (_, string? missing) = await Installed.Value;
        Assert.SkipWhen(missing is not null, missing ?? "");
    }

    /// <summary>How a script beside this file is started.</summary>
    public static async Task<ProcessStartInfo> ScriptAsync(string script, params string[] arguments)
    {
        (string node, _) = await Installed.Value;
        return new ProcessStartInfo(node, [Path.Combine(Folder, script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    private static async Task<(string Node, string? Missing)> InstallAsync()
    {
        if (await InstallAsync(Folder) is { } missing)
            return ("", missing);
        if (await MajorVersionAsync("node") >= OldestNode)
            return ("node", null);
        if (await InstallAsync(Path.Combine(Folder, "node")) is { } noNode)
            return ("", noNode);

        string? brought = Directory.EnumerateFiles(Path.Combine(Folder, "node", "node_modules"), "node", SearchOption.AllDirectories).FirstOrDefault();
        return brought is not null && await MajorVersionAsync(brought) >= OldestNode ? (brought, null) : ("", $"There is no Node {OldestNode} or later for this system.");
    }

    /// <summary>Null when everything is in place; else why it is not.</summary>
    private static async Task<string?> InstallAsync(string folder)
    {
        string stamp = Path.Combine(folder, "node_modules", ".installed");
        string wanted = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, "package-lock.json"))));
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted)
            return null;

        (int exitCode, string said) = await RunAsync("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder);
        if (exitCode != 0)
            return $"npm could not install the packages that this test compares with: {said.Trim().Split('\n').Last()}";
        await File.WriteAllTextAsync(stamp, wanted);
        return null;
    }

    /// <summary>0 where the program is not here.</summary>
    private static async Task<int> MajorVersionAsync(string node)
    {
        (int exitCode, string said) = await RunAsync(node, "--version");
        return exitCode == 0 ? int.Parse(said.TrimStart('v').Split('.')[0], CultureInfo.InvariantCulture) : 0;
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, process.ExitCode == 0 ? output : await errors);
        }
        catch (Win32Exception)
        {
            return (-1, $"{program} is not installed");
        }
    }
}
