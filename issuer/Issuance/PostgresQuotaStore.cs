using Npgsql;
using Veil.Postgres;

namespace Veil.Issuer;

/// <summary>Quotas in the accounts' PostgreSQL database. The row of an account and a key is locked while it is counted up, so that replicas never grant one token twice.</summary>
internal sealed class PostgresQuotaStore(PostgresDatabase database) : IQuotaStore, IDisposable
{
    private const string Begin = "INSERT INTO quotas VALUES ($1, $2, 0) ON CONFLICT DO NOTHING";

    private const string Count = """
        UPDATE quotas SET drawn = least(held.drawn + $4, $5)
        FROM (SELECT drawn FROM quotas WHERE account = $1 AND partition = $2 FOR UPDATE) AS held
        WHERE quotas.account = $1 AND quotas.partition = $2 AND $5 - held.drawn >= $3
        RETURNING quotas.drawn - held.drawn
        """;

    private volatile bool _isHealthy = true;

    public bool IsHealthy => _isHealthy;

    public Task<int> DrawAsync(string account, long partition, int atLeast, int atMost, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(atLeast, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(atMost, atLeast);
        return limit < atLeast ? Task.FromResult(0) : AskAsync(async connection =>
        {
            // One round trip and, since a batch is a transaction, one commit.
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new NpgsqlBatchCommand(Begin) { Parameters = { Text(account), Number(partition) } },
                    new NpgsqlBatchCommand(Count) { Parameters = { Text(account), Number(partition), Number(atLeast), Number(atMost), Number(limit) } },
                },
            };
            return (int)(await batch.ExecuteScalarAsync().ConfigureAwait(false) as long? ?? 0);
        });
    }

    public Task FollowAsync(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys)
    {
        if (keys.Count == 0)
            return Task.CompletedTask;

        long oldest = keys.Min(key => key.AnnouncedAt).ToUnixTimeSeconds();
        return AskAsync(async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            foreach ((long partition, DateTimeOffset announcedAt) in keys)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO epochs VALUES ($1, $2) ON CONFLICT DO NOTHING")
                {
                    Parameters = { Number(partition), Number(announcedAt.ToUnixTimeSeconds()) },
                });
            }

            batch.BatchCommands.Add(new NpgsqlBatchCommand("DELETE FROM quotas WHERE partition IN (SELECT partition FROM epochs WHERE announced < $1)") { Parameters = { Number(oldest) } });
            batch.BatchCommands.Add(new NpgsqlBatchCommand("DELETE FROM epochs WHERE announced < $1") { Parameters = { Number(oldest) } });
            return await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
        });
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => database.Dispose();

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    private static NpgsqlParameter<long> Number(long value) => new() { TypedValue = value };

    private async Task<T> AskAsync<T>(Func<NpgsqlConnection, Task<T>> work)
    {
        try
        {
            T result = await database.AskAsync(work).ConfigureAwait(false);
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
