using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Npgsql;

namespace Veil.Proofs.Databases;

/// <summary>
/// A private PostgreSQL server in a temporary folder, durable as in production, on loopback. It is made by <c>ops/postgres.sh</c>, and goes with this
/// process however that ends.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _server;

    private PostgresCluster(string folder, string server)
    {
        _folder = folder;
        _server = server;
    }

    /// <summary>Why there is no PostgreSQL to use, or null.</summary>
    public static string? Unavailable { get; } = Find();

    /// <summary>Makes a cluster and starts it.</summary>
    /// <param name="settings">Lines of its configuration, <c>name=value</c>.</param>
    public static async Task<PostgresCluster> StartAsync(params string[] settings)
    {
        string folder = NewFolder();
        return new PostgresCluster(folder, await RunAsync(["start", folder, .. settings]));
    }

    /// <summary>The superuser's connection string for a database.</summary>
    public string ConnectionString(string database) => $"{_server};Database={database}";

    /// <summary>Of the running server's first process.</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(_folder, "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>Makes an empty database of a random name and gives its connection string.</summary>
    public Task<string> CreateDatabaseAsync() => CreateDatabaseAsync(_server);

    /// <summary>Starts it again after <see cref="StopAsync"/> or <see cref="KillAsync"/>, on the same port.</summary>
    public Task RestartAsync() => RunAsync(["start", _folder]);

    /// <summary>Ends it like a crash of the service; its data stay.</summary>
    public Task StopAsync() => RunAsync(["stop", _folder]);

    /// <summary>SIGKILL to all of its processes.</summary>
    public Task KillAsync() => RunAsync(["kill", _folder]);

    /// <summary>Makes a streaming standby whose disk every commit here waits for.</summary>
    public async Task<PostgresCluster> AddSynchronousStandbyAsync()
    {
        string folder = NewFolder();
        return new PostgresCluster(folder, await RunAsync(["standby", folder, _folder]));
    }

    /// <summary>Makes this standby the primary.</summary>
    public Task PromoteAsync() => RunAsync(["promote", _folder]);

    /// <summary>Several servers in one connection string: whichever is primary is used.</summary>
    public static string ConnectionString(string database, params ReadOnlySpan<PostgresCluster> servers)
    {
        var all = new NpgsqlConnectionStringBuilder(servers[0].ConnectionString(database));
        var hosts = new List<string>();
        foreach (PostgresCluster server in servers)
        {
            var one = new NpgsqlConnectionStringBuilder(server._server);
            hosts.Add(string.Create(CultureInfo.InvariantCulture, $"{one.Host}:{one.Port}"));
        }

        all.Host = string.Join(',', hosts);
        all.Remove("Port");
        return all.ConnectionString;
    }

    /// <summary>Stops the server and removes its folder.</summary>
    public async ValueTask DisposeAsync() => await RunAsync(["remove", _folder]);

    internal static async Task<string> CreateDatabaseAsync(string server)
    {
        string name = $"veil_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection($"{server};Database=postgres;Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // The name is made above.
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
#pragma warning restore CA2100
        await create.ExecuteNonQueryAsync();
        return $"{server};Database={name}";
    }

    private static string NewFolder() => Path.Combine(Path.GetTempPath(), $"veil-postgres-{Guid.NewGuid():N}");

    private static string? Find()
    {
        try
        {
            using Process find = Start(["find"]);
            find.WaitForExit();
            return find.ExitCode is 0 ? null : "PostgreSQL's server programs are not installed (package postgresql).";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "PostgreSQL's private servers are started by a bash script, and there is no bash here.";
        }
    }

    private static async Task<string> RunAsync(string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string line = (await process.StandardOutput.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        return process.ExitCode is 0 ? line : throw new InvalidOperationException($"{string.Join(' ', arguments)}: {await error}");
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Script(), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["VEIL_POSTGRES_OWNER"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    private static string Script() => typeof(PostgresCluster).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "PostgresScript").Value!;
}
