using System.Collections.Concurrent;
using Npgsql;
using Veil.Postgres;

namespace Veil.Issuer;

/// <summary>
/// The partitions of the spent table, made and dropped under one lock that all replicas share. A partition that was given up is never made again: a token of it that
/// a slower replica has just verified finds no table to enter.
/// </summary>
internal sealed class PostgresPartitions(PostgresDatabase database)
{
    /// <summary>Of the advisory lock under which partitions change; the number is arbitrary and must never change.</summary>
    private const long ChangeLock = 0x5645494C_00000002;

    /// <summary>True: retired. False: there. Absent: not known here.</summary>
    private readonly ConcurrentDictionary<long, bool> _known = new();

    /// <summary>True for a partition that was given up.</summary>
    public bool IsRetired(long partition) => _known.TryGetValue(partition, out bool retired) && retired;

    /// <summary>True for a partition that is known to be there.</summary>
    public bool IsThere(long partition) => _known.TryGetValue(partition, out bool retired) && !retired;

    /// <summary>Reads which partitions were given up.</summary>
    /// <exception cref="StoreUnavailableException">The database failed.</exception>
    public async Task ReadAsync() => Know(await database.AskAsync(RetiredAsync).ConfigureAwait(false), []);

    /// <summary>Makes partitions that are neither there nor given up; afterwards each is known as one of the two.</summary>
    /// <exception cref="StoreUnavailableException">The database failed.</exception>
    public Task MakeAsync(IReadOnlyCollection<long> partitions) => ChangeAsync([], partitions);

    /// <summary>Learns the live keys and gives up the partitions of older ones.</summary>
    /// <exception cref="StoreUnavailableException">The database failed.</exception>
    public async Task FollowAsync(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys)
    {
        await ChangeAsync(keys, [.. keys.Select(key => key.Partition)]).ConfigureAwait(false);
        await DropRetiredAsync().ConfigureAwait(false);
    }

    /// <summary>Drops the tables of partitions that are marked as given up. One that somebody reads for long, such as a backup, is left for the next time.</summary>
    /// <exception cref="StoreUnavailableException">The database failed.</exception>
    public async Task DropRetiredAsync()
    {
        foreach (long partition in _known.Where(known => known.Value).Select(known => known.Key))
        {
            await database.AskAsync(connection => DropAsync(connection, partition)).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets what is known to be there, after a partition was missing.</summary>
    public void Forget()
    {
        foreach (long partition in _known.Where(known => !known.Value).Select(known => known.Key))
        {
            _known.TryRemove(KeyValuePair.Create(partition, false));
        }
    }

    private async Task ChangeAsync(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys, IReadOnlyCollection<long> partitions)
    {
        HashSet<long> retired = await database.AskAsync(async connection =>
        {
            NpgsqlTransaction transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                await connection.ExecuteAsync($"SELECT pg_advisory_xact_lock({ChangeLock})").ConfigureAwait(false);
                await LearnAsync(connection, keys).ConfigureAwait(false);
                HashSet<long> retired = await RetiredAsync(connection).ConfigureAwait(false);
                foreach (long partition in partitions.Where(partition => !retired.Contains(partition)))
                {
                    if (!await IsTableAsync(connection, partition).ConfigureAwait(false))
                        await connection.ExecuteAsync(PostgresSpentTables.CreatePartition(partition)).ConfigureAwait(false);
                }

                await transaction.CommitAsync().ConfigureAwait(false);
                return retired;
            }
        }).ConfigureAwait(false);
        Know(retired, partitions);
    }

    private void Know(HashSet<long> retired, IEnumerable<long> there)
    {
        foreach (long partition in retired)
        {
            _known[partition] = true;
        }

        foreach (long partition in there)
        {
            _known.TryAdd(partition, false);
        }
    }

    private static async Task LearnAsync(NpgsqlConnection connection, IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys)
    {
        if (keys.Count == 0)
            return;

        var learn = new NpgsqlCommand("INSERT INTO partitions SELECT partition, announced, false FROM unnest($1, $2) AS key (partition, announced) ON CONFLICT DO NOTHING", connection);
        await using (learn.ConfigureAwait(false))
        {
            learn.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. keys.Select(key => key.Partition)] });
            learn.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. keys.Select(key => key.AnnouncedAt.ToUnixTimeSeconds())] });
            await learn.ExecuteNonQueryAsync().ConfigureAwait(false);
        }

        var retire = new NpgsqlCommand("UPDATE partitions SET retired = true WHERE announced < $1 AND NOT retired", connection);
        await using (retire.ConfigureAwait(false))
        {
            retire.Parameters.Add(new NpgsqlParameter<long> { TypedValue = keys.Min(key => key.AnnouncedAt).ToUnixTimeSeconds() });
            await retire.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }

    private static async Task<HashSet<long>> RetiredAsync(NpgsqlConnection connection)
    {
        var retired = new HashSet<long>();
        var read = new NpgsqlCommand("SELECT partition FROM partitions WHERE retired", connection);
        await using (read.ConfigureAwait(false))
        {
            NpgsqlDataReader rows = await read.ExecuteReaderAsync().ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                while (await rows.ReadAsync().ConfigureAwait(false))
                {
                    retired.Add(rows.GetInt64(0));
                }
            }
        }

        return retired;
    }

    private static async Task<bool> DropAsync(NpgsqlConnection connection, long partition)
    {
        if (!await IsTableAsync(connection, partition).ConfigureAwait(false) || !(await RetiredAsync(connection).ConfigureAwait(false)).Contains(partition))
            return false;

        // Only what is marked, so that no table goes whose key could be made again.
        return await connection.TryChangeSoonAsync($"DROP TABLE IF EXISTS {PostgresSpentTables.Partition(partition)}").ConfigureAwait(false);
    }

    private static async Task<bool> IsTableAsync(NpgsqlConnection connection, long partition)
    {
        var find = new NpgsqlCommand("SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass($1))", connection);
        await using (find.ConfigureAwait(false))
        {
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = PostgresSpentTables.Partition(partition) });
            return await find.ExecuteScalarAsync().ConfigureAwait(false) is true;
        }
    }
}
