namespace Veil.Proofs.Databases;

/// <summary>
/// One PostgreSQL server for all tests of a program, each with databases of its own: the one whose connection string (without a database) the environment
/// variable VEIL_POSTGRES holds, or else a private one that is started when first asked for.
/// </summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresCluster>> _own = new(() => PostgresCluster.StartAsync());

    /// <summary>Why there is none to use, or null.</summary>
    public static string? Unavailable => Given is null ? PostgresCluster.Unavailable : null;

    private static string? Given => Environment.GetEnvironmentVariable("VEIL_POSTGRES") is { Length: > 0 } given ? given : null;

    /// <summary>Makes an empty database and gives its connection string.</summary>
    public async Task<string> CreateDatabaseAsync() =>
        Given is { } given ? await PostgresCluster.CreateDatabaseAsync(given) : await (await _own.Value).CreateDatabaseAsync();

    /// <summary>Stops what was started here.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_own.IsValueCreated)
            await (await _own.Value).DisposeAsync();
    }
}
