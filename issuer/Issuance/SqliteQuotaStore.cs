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

    public Task FollowAsync(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys) =>
        keys.Count == 0 ? Task.CompletedTask : _commits.RunAsync(keys.Count, statements => statements.Follow(keys));

    public ValueTask DisposeAsync() => _commits.DisposeAsync();

    private sealed class Statements(SqliteConnection connection) : IDisposable
    {
        private readonly SqliteCommand _drawn = connection.Prepare("SELECT drawn FROM quotas WHERE account = @account AND partition = @partition", "@account", "@partition");

        private readonly SqliteCommand _count = connection.Prepare(
            "INSERT INTO quotas VALUES (@account, @partition, @tokens) ON CONFLICT DO UPDATE SET drawn = drawn + excluded.drawn", "@account", "@partition", "@tokens");

        private readonly SqliteCommand _learn = connection.Prepare("INSERT INTO epochs VALUES (@partition, @announced) ON CONFLICT DO NOTHING", "@partition", "@announced");

        private readonly SqliteCommand _forgetCounts = connection.Prepare(
            "DELETE FROM quotas WHERE partition IN (SELECT partition FROM epochs WHERE announced < @oldest)", "@oldest");

        private readonly SqliteCommand _forgetEpochs = connection.Prepare("DELETE FROM epochs WHERE announced < @oldest", "@oldest");

        public int Draw(string account, long partition, int atLeast, int atMost, int limit)
        {
            long left = limit - (_drawn.With(account, partition).ExecuteScalar() as long? ?? 0);
            if (left < atLeast)
                return 0;

            int tokens = (int)Math.Min(left, atMost);
            _count.With(account, partition, tokens).ExecuteNonQuery();
            return tokens;
        }

        public int Follow(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys)
        {
            foreach ((long partition, DateTimeOffset announcedAt) in keys)
            {
                _learn.With(partition, announcedAt.ToUnixTimeSeconds()).ExecuteNonQuery();
            }

            long oldest = keys.Min(key => key.AnnouncedAt).ToUnixTimeSeconds();
            return _forgetCounts.With(oldest).ExecuteNonQuery() + _forgetEpochs.With(oldest).ExecuteNonQuery();
        }

        public void Dispose()
        {
            _drawn.Dispose();
            _count.Dispose();
            _learn.Dispose();
            _forgetCounts.Dispose();
            _forgetEpochs.Dispose();
        }
    }
}
