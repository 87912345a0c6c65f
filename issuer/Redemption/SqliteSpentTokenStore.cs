using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Veil.Issuer;

/// <summary>Spent tokens in a SQLite file with one writer. The table of spent tokens is ordered by key and hash and holds neither time nor sequence.</summary>
internal sealed class SqliteSpentTokenStore : ISpentTokenStore, IAsyncDisposable
{
    /// <summary>Rows that one commit deletes, so that redemptions wait only milliseconds for a partition to go.</summary>
    private const int DeleteStep = 2000;

    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE spent (partition INTEGER NOT NULL, token BLOB NOT NULL, PRIMARY KEY (partition, token)) STRICT, WITHOUT ROWID;
        CREATE TABLE redemptions (
            token BLOB NOT NULL, id BLOB NOT NULL, gateway TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (token, id, gateway)) STRICT, WITHOUT ROWID;
        CREATE INDEX redemptions_until ON redemptions (until);
        CREATE TABLE partitions (partition INTEGER PRIMARY KEY, announced INTEGER NOT NULL, retired INTEGER NOT NULL) STRICT;
        """,
    ];

    private readonly GroupCommit<Statements> _commits;
    private readonly ConcurrentDictionary<long, bool> _retired;

    /// <exception cref="StoreUnavailableException">The file is absent or cannot be used.</exception>
    public SqliteSpentTokenStore(string path)
    {
        _commits = new(Database(path), connection => new Statements(connection));
        _retired = new(_commits.RunAsync(0, statements => statements.Retired()).GetAwaiter().GetResult().Select(partition => KeyValuePair.Create(partition, true)));
    }

    public bool IsHealthy => _commits.IsHealthy;

    /// <summary>Makes the file where it is absent.</summary>
    public static void Create(string path) => Database(path).Create();

    public Task<IReadOnlyList<Verdict>> SpendAsync(IReadOnlyList<Redemption> redemptions, string gateway, DateTimeOffset now) =>
        _commits.RunAsync<IReadOnlyList<Verdict>>(2 * redemptions.Count, statements => [.. redemptions.Select(redemption => Spend(statements, redemption, gateway, now))]);

    public Task<IReadOnlyList<bool>> RecallAsync(IReadOnlyList<Redemption> redemptions, string gateway, DateTimeOffset now) =>
        _commits.RunAsync<IReadOnlyList<bool>>(redemptions.Count, statements => [.. redemptions.Select(redemption => statements.WasAccepted(redemption, gateway, now))]);

    public bool IsRetired(long partition) => _retired.ContainsKey(partition);

    public async Task FollowAsync(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys)
    {
        List<long> retired = await _commits.RunAsync(keys.Count, statements => statements.Follow(keys)).ConfigureAwait(false);
        foreach (long partition in retired)
        {
            _retired[partition] = true;
            while (await _commits.RunAsync(DeleteStep, statements => statements.DeleteSome(partition)).ConfigureAwait(false) == DeleteStep)
            {
                // The next step: other work gets its turn between two.
            }
        }
    }

    public async Task SweepAsync(DateTimeOffset now)
    {
        while (await _commits.RunAsync(DeleteStep, statements => statements.ForgetSome(now)).ConfigureAwait(false) == DeleteStep)
        {
            // The next step: other work gets its turn between two.
        }
    }

    public ValueTask DisposeAsync() => _commits.DisposeAsync();

    private static SqliteDatabase Database(string path) => new(path, Migrations);

    private static Verdict Spend(Statements statements, Redemption redemption, string gateway, DateTimeOffset now)
    {
        // A token verified just before its key was given up must not enter the emptied partition as a new one.
        if (statements.IsRetired(redemption.Partition))
            return statements.WasAccepted(redemption, gateway, now) ? Verdict.Accepted : Verdict.Expired;
        if (statements.TrySpend(redemption, gateway, now))
            return Verdict.Accepted;
        return statements.WasAccepted(redemption, gateway, now) ? Verdict.Accepted : Verdict.Spent;
    }

    private sealed class Statements(SqliteConnection connection) : IDisposable
    {
        private readonly SqliteCommand _spend = connection.Prepare("INSERT INTO spent VALUES (@partition, @token) ON CONFLICT DO NOTHING", "@partition", "@token");

        private readonly SqliteCommand _remember = connection.Prepare(
            "INSERT INTO redemptions VALUES (@token, @id, @gateway, @until) ON CONFLICT DO UPDATE SET until = excluded.until", "@token", "@id", "@gateway", "@until");

        private readonly SqliteCommand _recall = connection.Prepare(
            "SELECT 1 FROM redemptions WHERE token = @token AND id = @id AND gateway = @gateway AND until > @now", "@token", "@id", "@gateway", "@now");

        private readonly SqliteCommand _forget = connection.Prepare(
            $"DELETE FROM redemptions WHERE (token, id, gateway) IN (SELECT token, id, gateway FROM redemptions WHERE until <= @now LIMIT {DeleteStep})", "@now");

        private readonly SqliteCommand _isRetired = connection.Prepare("SELECT 1 FROM partitions WHERE partition = @partition AND retired = 1", "@partition");

        private readonly SqliteCommand _learn = connection.Prepare("INSERT INTO partitions VALUES (@partition, @announced, 0) ON CONFLICT DO NOTHING", "@partition", "@announced");

        private readonly SqliteCommand _retire = connection.Prepare("UPDATE partitions SET retired = 1 WHERE announced < @oldest AND retired = 0", "@oldest");

        private readonly SqliteCommand _retired = connection.Prepare("SELECT partition FROM partitions WHERE retired = 1");

        private readonly SqliteCommand _delete = connection.Prepare(
            $"DELETE FROM spent WHERE partition = @partition AND token IN (SELECT token FROM spent WHERE partition = @partition LIMIT {DeleteStep})", "@partition");

        public bool TrySpend(Redemption redemption, string gateway, DateTimeOffset now)
        {
            if (_spend.With(redemption.Partition, redemption.TokenHash).ExecuteNonQuery() == 0)
                return false;

            long until = (now + ISpentTokenStore.Memory).ToUnixTimeSeconds();
            _remember.With(redemption.TokenHash, redemption.RedemptionId, gateway, until).ExecuteNonQuery();
            return true;
        }

        public bool WasAccepted(Redemption redemption, string gateway, DateTimeOffset now) =>
            _recall.With(redemption.TokenHash, redemption.RedemptionId, gateway, now.ToUnixTimeSeconds()).ExecuteScalar() is not null;

        public bool IsRetired(long partition) => _isRetired.With(partition).ExecuteScalar() is not null;

        public int ForgetSome(DateTimeOffset now) => _forget.With(now.ToUnixTimeSeconds()).ExecuteNonQuery();

        public int DeleteSome(long partition) => _delete.With(partition).ExecuteNonQuery();

        public List<long> Follow(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys)
        {
            foreach ((long partition, DateTimeOffset announcedAt) in keys)
            {
                _learn.With(partition, announcedAt.ToUnixTimeSeconds()).ExecuteNonQuery();
            }

            if (keys.Count > 0)
                _retire.With(keys.Min(key => key.AnnouncedAt).ToUnixTimeSeconds()).ExecuteNonQuery();
            return Retired();
        }

        public List<long> Retired()
        {
            using SqliteDataReader rows = _retired.ExecuteReader();
            var retired = new List<long>();
            while (rows.Read())
            {
                retired.Add(rows.GetInt64(0));
            }

            return retired;
        }

        public void Dispose()
        {
            foreach (SqliteCommand command in (SqliteCommand[])[_spend, _remember, _recall, _forget, _isRetired, _learn, _retire, _retired, _delete])
            {
                command.Dispose();
            }
        }
    }
}
