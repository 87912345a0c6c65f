using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Veil.Proofs.Databases;

namespace Veil.Proofs.Issuer;

/// <summary>
/// Redeems tokens one after the other while the system calls of the issuer, and of its database server, are traced: see <see cref="DurabilityTrace"/>. A sync
/// between two answers then belongs to the second.
/// </summary>
public static class DurabilityTrial
{
    /// <summary>How many tokens are redeemed, each in a call of its own.</summary>
    public const int Calls = 20;

    /// <summary>False where strace is not installed, or may not trace.</summary>
    public static async Task<bool> CanTraceAsync()
    {
        try
        {
            using Process strace = Process.Start(new ProcessStartInfo("strace", ["-o", "/dev/null", "true"]) { RedirectStandardError = true })!;
            await strace.WaitForExitAsync();
            return strace.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>On SQLite the issuer itself writes and syncs. Gives the answers seen, and those of them that no sync came before.</summary>
    public static async Task<(int Answers, int Unsynced)> OnSqliteAsync()
    {
        using var mint = new TokenMint();
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        mint.Equip(issuer);
        return DurabilityTrace.Read(await RedeemTracedAsync(issuer, mint));
    }

    /// <summary>On PostgreSQL the server's processes write and sync, and the issuer's answer must come after theirs.</summary>
    public static async Task<(int Answers, int Unsynced)> OnPostgresAsync()
    {
        using var mint = new TokenMint();
        await using PostgresCluster server = await PostgresCluster.StartAsync();
        string spent = await server.CreateDatabaseAsync();
        string accounts = await server.CreateDatabaseAsync();
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync(configuration => configuration["Stores"] = new JsonObject
        {
            ["AccountsPostgres"] = new JsonObject { ["ConnectionString"] = accounts },
            ["SpentPostgres"] = new JsonObject { ["ConnectionString"] = spent },
        });
        mint.Equip(issuer);

        string trace = Path.Combine(issuer.Folder, "server-trace.txt");
        using Process tracer = await AttachAsync(server.ProcessId, trace);
        string[] answers = await RedeemTracedAsync(issuer, mint);
        using (Process interrupt = Process.Start("kill", ["-INT", tracer.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await interrupt.WaitForExitAsync();
        }

        await tracer.WaitForExitAsync();
        return DurabilityTrace.Read(DurabilityTrace.Merge(answers, await File.ReadAllLinesAsync(trace)));
    }

    private static async Task<string[]> RedeemTracedAsync(IssuerProcess issuer, TokenMint mint)
    {
        string trace = Path.Combine(issuer.Folder, "trace.txt");
        await issuer.StartAsync(DurabilityTrace.Tracer(trace));
        using var client = new IssuerClient();
        foreach (byte[] token in mint.Mint(Calls, CancellationToken.None))
        {
            string[] verdicts = await client.RedeemAsync(issuer.Address, [(token, IssuerClient.NewId())]);
            if (verdicts is not ["accepted"])
                throw new InvalidOperationException($"A fresh token was {string.Join(", ", verdicts)}.");
        }

        await issuer.KillAsync();
        return await File.ReadAllLinesAsync(trace);
    }

    /// <summary>Traces a server with the processes that it has and those that it will start; what strace says once it is attached is waited for.</summary>
    private static async Task<Process> AttachAsync(int server, string file)
    {
        string children = await File.ReadAllTextAsync($"/proc/{server}/task/{server}/children");
        string[] processes = [server.ToString(CultureInfo.InvariantCulture), .. children.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        string[] command = [.. DurabilityTrace.Tracer(file), .. processes.SelectMany(process => (string[])["-p", process])];
        Process tracer = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        for (int attached = 0; attached < processes.Length;)
        {
            string line = await tracer.StandardError.ReadLineAsync() ?? throw new InvalidOperationException("strace ended before it was attached.");
            attached += line.Contains(" attached", StringComparison.Ordinal) ? 1 : 0;
        }

        _ = tracer.StandardError.ReadToEndAsync();
        return tracer;
    }
}
