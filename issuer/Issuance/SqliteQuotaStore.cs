using Microsoft.Data.Sqlite;

namespace Veil.Issuer;

/// <summary>Quotas in the accounts' SQLite file, with one writer.</summary>
internal sealed class SqliteQuotaStore(SqliteDatabase database) : IQuotaStore, IAsyncDisposable
{
    private readonly GroupCommit<Statements> _commits = new(database, connection => new Statements(connection));

    public bool IsHealthy => _commits.IsHealthy;

    public Task<bool> TryDrawAsync(string account, long partition, int limit) =>
        limit < 1 ? Task.FromResult(false) : _commits.RunAsync(1, statements => statements.TryDraw(account, partition, limit));

    public Task KeepAsync(IReadOnlyCollection<long> partitions) => _commits.RunAsync(partitions.Count, statements => statements.Keep(partitions));

    public ValueTask DisposeAsync() => _commits.DisposeAsync();

    private sealed class Statements(SqliteConnection connection) : IDisposable
    {
        private readonly SqliteCommand _draw = connection.Prepare(
            "INSERT INTO quotas VALUES (@account, @partition, 1) ON CONFLICT DO UPDATE SET drawn = drawn + 1 WHERE drawn < @limit", "@account", "@partition", "@limit");

        private readonly SqliteCommand _partitions = connection.Prepare("SELECT DISTINCT partition FROM quotas");

        private readonly SqliteCommand _forget = connection.Prepare("DELETE FROM quotas WHERE partition = @partition", "@partition");

        public bool TryDraw(string account, long partition, int limit) => _draw.With(account, partition, limit).ExecuteNonQuery() == 1;

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
            _draw.Dispose();
            _partitions.Dispose();
            _forget.Dispose();
        }
    }
}
