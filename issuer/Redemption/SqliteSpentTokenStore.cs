using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Veil.Issuer;

/// <summary>Spent tokens in a SQLite file with one writer. The table of spent tokens is ordered by key and hash and holds neither time nor sequence.</summary>
internal sealed class SqliteSpentTokenStore : ISpentTokenStore, IAsyncDisposable
{
    /// <summary>Rows that one commit deletes, so that redemptions wait only milliseconds for a partition to go.</summary>
    private const int DeleteStep = 2000;

    /// <summary>Looks for an attempt in the three periods that may remember it: three lookups by the whole key, where a range of periods would be read from end to end.</summary>
    internal const string Recall = "SELECT 1 FROM redemptions WHERE period IN (@period - 1, @period, @period + 1) AND attempt = @attempt AND until > @now";

    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE spent (partition INTEGER NOT NULL, token BLOB NOT NULL, PRIMARY KEY (partition, token)) STRICT, WITHOUT ROWID;
        CREATE TABLE redemptions (
            token BLOB NOT NULL, id BLOB NOT NULL, gateway TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (token, id, gateway)) STRICT, WITHOUT ROWID;
        CREATE INDEX redemptions_until ON redemptions (until);
        CREATE TABLE partitions (partition INTEGER PRIMARY KEY, announced INTEGER NOT NULL, retired INTEGER NOT NULL) STRICT;
        """,

        // Half of a hash, and one narrow record for a redemption. A retry across this step hears that its token is spent.
        """
        CREATE TABLE halves (partition INTEGER NOT NULL, token BLOB NOT NULL, PRIMARY KEY (partition, token)) STRICT, WITHOUT ROWID;
        INSERT INTO halves SELECT partition, substr(token, 1, 16) FROM spent;
        DROP TABLE spent;
        ALTER TABLE halves RENAME TO spent;
        DROP TABLE redemptions;
        CREATE TABLE redemptions (period INTEGER NOT NULL, attempt BLOB NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (period, attempt)) STRICT, WITHOUT ROWID;
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

    public Task<Verdict[]> SpendAsync(ReadOnlyMemory<Redemption> redemptions, DateTimeOffset now) =>
        _commits.RunAsync(2 * redemptions.Length, statements =>
        {
            // No other process can give up a partition while this one's transaction is open.
            List<long> retired = statements.Retired();
            var verdicts = new Verdict[redemptions.Length];
            for (int i = 0; i < verdicts.Length; i++)
            {
                verdicts[i] = statements.Spend(redemptions.Span[i], retired, now);
            }

            return verdicts;
        });

    public Task<bool[]> RecallAsync(ReadOnlyMemory<Redemption> redemptions, DateTimeOffset now) =>
        _commits.RunAsync(redemptions.Length, statements =>
        {
            bool[] accepted = new bool[redemptions.Length];
            for (int i = 0; i < accepted.Length; i++)
            {
                accepted[i] = statements.WasAccepted(redemptions.Span[i], now);
            }

            return accepted;
        });

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

    private sealed class Statements(SqliteConnection connection) : IDisposable
    {
        private readonly SqliteCommand _spend = connection.Prepare("INSERT INTO spent VALUES (@partition, @token) ON CONFLICT DO NOTHING", "@partition", "@token");

        private readonly SqliteCommand _remember = connection.Prepare(
            "INSERT INTO redemptions VALUES (@period, @attempt, @until) ON CONFLICT DO UPDATE SET until = excluded.until", "@period", "@attempt", "@until");

        private readonly SqliteCommand _recall = connection.Prepare(Recall, "@period", "@attempt", "@now");

        /// <summary>Writes a page whatever stands in it.</summary>
        private readonly SqliteCommand _mark = connection.Prepare("PRAGMA application_id = 1447380300");

        private readonly SqliteCommand _forget = connection.Prepare(
            $"DELETE FROM redemptions WHERE (period, attempt) IN (SELECT period, attempt FROM redemptions WHERE period <= @period LIMIT {DeleteStep})", "@period");

        private readonly SqliteCommand _learn = connection.Prepare("INSERT INTO partitions VALUES (@partition, @announced, 0) ON CONFLICT DO NOTHING", "@partition", "@announced");

        private readonly SqliteCommand _retire = connection.Prepare("UPDATE partitions SET retired = 1 WHERE announced < @oldest AND retired = 0", "@oldest");

        private readonly SqliteCommand _retired = connection.Prepare("SELECT partition FROM partitions WHERE retired = 1");

        private readonly SqliteCommand _delete = connection.Prepare(
            $"DELETE FROM spent WHERE partition = @partition AND token IN (SELECT token FROM spent WHERE partition = @partition LIMIT {DeleteStep})", "@partition");

        private readonly byte[] _token = new byte[Redemption.HashSize];
        private readonly byte[] _attempt = new byte[Redemption.HashSize];

        public Verdict Spend(in Redemption redemption, List<long> retired, DateTimeOffset now)
        {
            // A token verified just before its key was given up must not enter the emptied partition as a new one.
            if (retired.Contains(redemption.Partition))
                return WasAccepted(redemption, now) ? Verdict.Accepted : Verdict.Expired;

            BinaryPrimitives.WriteUInt128BigEndian(_token, redemption.Token);
            if (_spend.With(redemption.Partition, _token).ExecuteNonQuery() == 0)
                return WasAccepted(redemption, now) ? Verdict.Accepted : Verdict.Spent;

            BinaryPrimitives.WriteUInt128BigEndian(_attempt, redemption.Attempt);
            _remember.With(MemoryPeriod.Of(now), _attempt, MemoryPeriod.End(now)).ExecuteNonQuery();
            return Verdict.Accepted;
        }

        public bool WasAccepted(in Redemption redemption, DateTimeOffset now)
        {
            BinaryPrimitives.WriteUInt128BigEndian(_attempt, redemption.Attempt);
            return _recall.With(MemoryPeriod.Of(now), _attempt, now.ToUnixTimeSeconds()).ExecuteScalar() is not null;
        }

        public int ForgetSome(DateTimeOffset now)
        {
            _mark.ExecuteNonQuery();
            return _forget.With(MemoryPeriod.LastForgotten(now)).ExecuteNonQuery();
        }

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
            foreach (SqliteCommand command in (SqliteCommand[])[_spend, _remember, _recall, _mark, _forget, _learn, _retire, _retired, _delete])
            {
                command.Dispose();
            }
        }
    }
}
