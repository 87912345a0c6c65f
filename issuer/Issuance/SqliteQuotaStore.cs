using Microsoft.Data.Sqlite;

namespace Veil.Issuer;

/// <summary>Quotas in the accounts' SQLite file, with one writer.</summary>
internal sealed class SqliteQuotaStore(SqliteDatabase database) : IQuotaStore, IAsyncDisposable
{
    private readonly GroupCommit<Statements> _commits = new(database, connection => new Statements(connection));

    public bool IsHealthy => _commits.IsHealthy;

    public Task<int> DrawAsync(string account, long partition, int atLeast, int atMost, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(atLeast, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(atMost, atLeast);
        return limit < atLeast ? Task.FromResult(0) : _commits.RunAsync(1, statements => statements.Draw(account, partition, atLeast, atMost, limit));
    }

    public Task KeepAsync(IReadOnlyCollection<long> partitions) => _commits.RunAsync(partitions.Count, statements => statements.Keep(partitions));

    public ValueTask DisposeAsync() => _commits.DisposeAsync();

    private sealed class Statements(SqliteConnection connection) : IDisposable
    {
        private readonly SqliteCommand _drawn = connection.Prepare("SELECT drawn FROM quotas WHERE account = @account AND partition = @partition", "@account", "@partition");

        private readonly SqliteCommand _count = connection.Prepare(
            "INSERT INTO quotas VALUES (@account, @partition, @tokens) ON CONFLICT DO UPDATE SET drawn = drawn + excluded.drawn", "@account", "@partition", "@tokens");

        private readonly SqliteCommand _partitions = connection.Prepare("SELECT DISTINCT partition FROM quotas");

        private readonly SqliteCommand _forget = connection.Prepare("DELETE FROM quotas WHERE partition = @partition", "@partition");

        public int Draw(string account, long partition, int atLeast, int atMost, int limit)
        {
            long left = limit - (_drawn.With(account, partition).ExecuteScalar() as long? ?? 0);
            if (left < atLeast)
                return 0;

            int tokens = (int)Math.Min(left, atMost);
            _count.With(account, partition, tokens).ExecuteNonQuery();
            return tokens;
        }

        public int Keep(IReadOnlyCollection<long> partitions)
        {
            var known = new List<long>();
            using (SqliteDataReader rows = _partitions.ExecuteReader())
            {
                while (rows.Read())
                {
                    known.Add(rows.GetInt64(0));
                }
            }

            return known.Except(partitions).Sum(gone => _forget.With(gone).ExecuteNonQuery());
        }

        public void Dispose()
        {
            _drawn.Dispose();
            _count.Dispose();
            _partitions.Dispose();
            _forget.Dispose();
        }
    }
}
