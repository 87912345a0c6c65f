using System.Diagnostics.CodeAnalysis;
using Npgsql;
using Veil.Postgres;

namespace Veil.Issuer;

/// <summary>
/// Spent tokens in PostgreSQL, shared by replicas. Two that spend one token in the same moment meet at its primary key: one waits until the other's commit is on disk, and is
/// refused then, or takes its place when that fails.
/// </summary>
internal sealed class PostgresSpentTokenStore : ISpentTokenStore, IAsyncDisposable
{
    /// <summary>Commits under way at once: while one waits for the disk, another is filled and a third inserts.</summary>
    private const int Lanes = 4;

    /// <summary>
    /// Tokens that wait before a second commit begins beside one that is under way. Gateways that redeem one token a call are answered a fifth faster when they share commits;
    /// calls of a hundred are not held up.
    /// </summary>
    private const int MinTokensBeside = 64;

    /// <summary>Tokens in one commit, which bounds how long the first of them waits (some 50 ms).</summary>
    private const int MaxTokens = 2048;

    private readonly PostgresDatabase _database;
    private readonly PostgresPartitions _partitions;
    private readonly PostgresSpendLane[] _lanes;
    private readonly CommitLanes<SpendWork> _commits;
    private volatile bool _isHealthy = true;

    private PostgresSpentTokenStore(PostgresDatabase database)
    {
        _database = database;
        _partitions = new PostgresPartitions(database);
        _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => new PostgresSpendLane(database, _partitions, healthy => _isHealthy = healthy))];
        _commits = new(_lanes.Select<PostgresSpendLane, Func<IReadOnlyList<SpendWork>, Task>>(lane => lane.CommitAsync), work => work.Redemptions.Length, MinTokensBeside, MaxTokens);
    }

    public bool IsHealthy => _isHealthy;

    /// <summary>True when the tables are there.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be used.</exception>
    public static bool Exists(PostgresOptions options)
    {
        bool exists = false;
        PostgresStore.Open(options, PostgresSpentTables.Schema, database => exists = database.Exists()).Dispose();
        return exists;
    }

    /// <summary>Makes the tables where they are absent.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be used.</exception>
    public static void Create(PostgresOptions options) => PostgresStore.Open(options, PostgresSpentTables.Schema, database => database.Create()).Dispose();

    /// <summary>Opens the store; its tables are there.</summary>
    /// <exception cref="StoreUnavailableException">The tables are absent or the database cannot be used.</exception>
    public static async Task<PostgresSpentTokenStore> OpenAsync(PostgresOptions options)
    {
        PostgresDatabase database = PostgresStore.Open(options, PostgresSpentTables.Schema, database => database.Upgrade());
        var store = new PostgresSpentTokenStore(database);
        try
        {
            await store._partitions.ReadAsync().ConfigureAwait(false);
            return store;
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task<Verdict[]> SpendAsync(ReadOnlyMemory<Redemption> redemptions, DateTimeOffset now)
    {
        var work = new SpendWork(redemptions, now);
        _commits.Add(work);
        return work.Result;
    }

    public async Task<bool[]> RecallAsync(ReadOnlyMemory<Redemption> redemptions, DateTimeOffset now)
    {
        Guid[] attempts = new Guid[redemptions.Length];
        for (int i = 0; i < attempts.Length; i++)
        {
            attempts[i] = PostgresSpendLane.ToGuid(redemptions.Span[i].Attempt);
        }

        Dictionary<UInt128, long> remembered = await AskAsync(async connection =>
        {
            var recall = new NpgsqlCommand(PostgresSpentTables.Recall, connection) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = attempts } } };
            await using (recall.ConfigureAwait(false))
            {
                return await PostgresSpendLane.ReadRememberedAsync(recall).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        bool[] accepted = new bool[redemptions.Length];
        for (int i = 0; i < accepted.Length; i++)
        {
            accepted[i] = remembered.TryGetValue(redemptions.Span[i].Attempt, out long until) && until > now.ToUnixTimeSeconds();
        }

        return accepted;
    }

    public bool IsRetired(long partition) => _partitions.IsRetired(partition);

    public async Task FollowAsync(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys)
    {
        try
        {
            await _partitions.FollowAsync(keys).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            _isHealthy = false;
            throw;
        }
    }

    public async Task SweepAsync(DateTimeOffset now)
    {
        await AskAsync(connection => ForgetAsync(connection, MemoryPeriod.LastForgotten(now))).ConfigureAwait(false);
        await _partitions.ReadAsync().ConfigureAwait(false);
        await _partitions.DropRetiredAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _commits.DisposeAsync().ConfigureAwait(false);
        foreach (PostgresSpendLane lane in _lanes)
        {
            await lane.DisposeAsync().ConfigureAwait(false);
        }

        await _database.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Empties a period's table as a whole: nothing is left in it that a later cleaning would have to find.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Statements are constants of this program, with numbers.")]
    private static async Task<bool> ForgetAsync(NpgsqlConnection connection, long period)
    {
        string table = PostgresSpentTables.Memory(period);
        await connection.ExecuteAsync(PostgresSpentTables.Mark).ConfigureAwait(false);
        var find = new NpgsqlCommand($"SELECT EXISTS (SELECT 1 FROM {table})", connection);
        await using (find.ConfigureAwait(false))
        {
            if (await find.ExecuteScalarAsync().ConfigureAwait(false) is not true)
                return false;
        }

        return await connection.TryChangeSoonAsync($"TRUNCATE {table}").ConfigureAwait(false);
    }

    private async Task<T> AskAsync<T>(Func<NpgsqlConnection, Task<T>> work)
    {
        try
        {
            T result = await _database.AskAsync(work).ConfigureAwait(false);
            _isHealthy = true;
            return result;
        }
        catch (StoreUnavailableException)
        {
            _isHealthy = false;
            throw;
        }
    }
}
