using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Npgsql;
using Veil.Postgres;

namespace Veil.Issuer;

/// <summary>
/// One connection that spends batches of tokens, each in one statement that is its own commit. Tokens go in one order everywhere, so that lanes and replicas that insert the
/// same ones wait for each other and never in a circle. When anything fails, the whole batch fails and the next one starts on a new connection.
/// </summary>
internal sealed class PostgresSpendLane(PostgresDatabase database, PostgresPartitions partitions, Action<bool> report) : IAsyncDisposable
{
    private readonly NpgsqlParameter<long[]> _partition = new() { TypedValue = [] };
    private readonly NpgsqlParameter<Guid[]> _token = new() { TypedValue = [] };
    private readonly NpgsqlParameter<Guid[]> _attempt = new() { TypedValue = [] };
    private readonly NpgsqlParameter<long> _until = new();
    private readonly NpgsqlParameter<Guid[]> _recalled = new() { TypedValue = [] };
    private NpgsqlConnection? _connection;
    private CommitWarnings? _warnings;
    private NpgsqlCommand? _spend;
    private NpgsqlCommand? _recall;
    private long _period;

    /// <summary>Spends a batch and completes its works.</summary>
    public async Task CommitAsync(IReadOnlyList<SpendWork> batch)
    {
        try
        {
            await SpendAsync(batch).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreUnavailableException or PostgresUnavailableException || PostgresDatabase.IsFailure(e))
        {
            await DisconnectAsync().ConfigureAwait(false);
            report(false);
            StoreUnavailableException failure = e as StoreUnavailableException
                ?? (e is PostgresUnavailableException ? new StoreUnavailableException(e.Message, e) : new StoreUnavailableException(database.Failed(e).Message, e));
            foreach (SpendWork work in batch)
            {
                work.Fail(failure);
            }

            return;
        }

        report(true);
        foreach (SpendWork work in batch)
        {
            work.Complete();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await DisconnectAsync().ConfigureAwait(false);

    private async Task SpendAsync(IReadOnlyList<SpendWork> batch)
    {
        var asked = new SpendBatch(batch);
        if (asked.Partitions.Where(partition => !partitions.IsThere(partition) && !partitions.IsRetired(partition)).ToList() is { Count: > 0 } unknown)
            await partitions.MakeAsync(unknown).ConfigureAwait(false);

        DateTimeOffset now = batch.Max(work => work.Now);
        HashSet<long> retired = Retired(asked);
        HashSet<UInt128> notWon;
        try
        {
            notWon = await InsertAsync(asked.Candidates(retired), now).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CheckViolation)
        {
            // No partition for a row: its key was given up by another replica since.
            partitions.Forget();
            await partitions.MakeAsync(asked.Partitions).ConfigureAwait(false);
            retired = Retired(asked);
            notWon = await InsertAsync(asked.Candidates(retired), now).ConfigureAwait(false);
        }

        UInt128[] attempts = asked.ToRecall(notWon, retired);
        Dictionary<UInt128, long> remembered = attempts.Length == 0 ? [] : await RecallAsync(attempts).ConfigureAwait(false);
        _warnings?.ThrowIfAny();
        asked.Judge(notWon, remembered, retired);
    }

    private HashSet<long> Retired(SpendBatch asked) => [.. asked.Partitions.Where(partitions.IsRetired)];

    /// <summary>Inserts the candidates and gives the tokens that others had spent.</summary>
    private async Task<HashSet<UInt128>> InsertAsync(List<Redemption> candidates, DateTimeOffset now)
    {
        var notWon = new HashSet<UInt128>();
        if (candidates.Count == 0)
            return notWon;

        await ConnectAsync(MemoryPeriod.Of(now)).ConfigureAwait(false);
        Fill(candidates);
        _until.TypedValue = MemoryPeriod.End(now);
        NpgsqlDataReader rows = await _spend!.ExecuteReaderAsync().ConfigureAwait(false);
        await using (rows.ConfigureAwait(false))
        {
            while (await rows.ReadAsync().ConfigureAwait(false))
            {
                notWon.Add(candidates[checked((int)rows.GetInt64(0) - 1)].Token);
            }

            // The commit comes after the rows: its failure shows here.
            await rows.NextResultAsync().ConfigureAwait(false);
        }

        return notWon;
    }

    private async Task<Dictionary<UInt128, long>> RecallAsync(UInt128[] attempts)
    {
        await ConnectAsync(_period).ConfigureAwait(false);
        _recalled.TypedValue = [.. attempts.Select(ToGuid)];
        return await ReadRememberedAsync(_recall!).ConfigureAwait(false);
    }

    /// <summary>Runs <see cref="PostgresSpentTables.Recall"/>: attempts with the end of their memory.</summary>
    public static async Task<Dictionary<UInt128, long>> ReadRememberedAsync(NpgsqlCommand recall)
    {
        var remembered = new Dictionary<UInt128, long>();
        NpgsqlDataReader rows = await recall.ExecuteReaderAsync().ConfigureAwait(false);
        await using (rows.ConfigureAwait(false))
        {
            while (await rows.ReadAsync().ConfigureAwait(false))
            {
                remembered[FromGuid(rows.GetGuid(0))] = rows.GetInt64(1);
            }

            await rows.NextResultAsync().ConfigureAwait(false);
        }

        return remembered;
    }

    /// <summary>The bytes of a hash in the order in which PostgreSQL compares them.</summary>
    public static Guid ToGuid(UInt128 hash)
    {
        Span<byte> bytes = stackalloc byte[Redemption.HashSize];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
        return new Guid(bytes, bigEndian: true);
    }

    private static UInt128 FromGuid(Guid value)
    {
        Span<byte> bytes = stackalloc byte[Redemption.HashSize];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private void Fill(List<Redemption> candidates)
    {
        long[] partition = new long[candidates.Count];
        Guid[] token = new Guid[candidates.Count];
        Guid[] attempt = new Guid[candidates.Count];
        ReadOnlySpan<Redemption> asked = CollectionsMarshal.AsSpan(candidates);
        for (int i = 0; i < asked.Length; i++)
        {
            partition[i] = asked[i].Partition;
            token[i] = ToGuid(asked[i].Token);
            attempt[i] = ToGuid(asked[i].Attempt);
        }

        _partition.TypedValue = partition;
        _token.TypedValue = token;
        _attempt.TypedValue = attempt;
    }

    [SuppressMessage("Security", "CA2100", Justification = "Statements are constants of this program, with numbers.")]
    private async Task ConnectAsync(long period)
    {
        if (_connection is null)
        {
            _connection = await database.OpenAsync().ConfigureAwait(false);
            _warnings = new CommitWarnings(_connection, database.Name);
            _recall = new NpgsqlCommand(PostgresSpentTables.Recall, _connection) { Parameters = { _recalled } };
            await _recall.PrepareAsync().ConfigureAwait(false);
        }

        if (_spend is not null && _period == period)
            return;
        await DisposeSpendAsync().ConfigureAwait(false);
        _spend = new NpgsqlCommand(PostgresSpentTables.Spend(period), _connection) { Parameters = { _partition, _token, _attempt, _until } };
        await _spend.PrepareAsync().ConfigureAwait(false);
        _period = period;
    }

    private async Task DisposeSpendAsync()
    {
        if (_spend is null)
            return;
        _spend.Parameters.Clear();
        await _spend.DisposeAsync().ConfigureAwait(false);
        _spend = null;
    }

    private async Task DisconnectAsync()
    {
        await DisposeSpendAsync().ConfigureAwait(false);
        if (_recall is not null)
        {
            _recall.Parameters.Clear();
            await _recall.DisposeAsync().ConfigureAwait(false);
            _recall = null;
        }

        _warnings?.Dispose();
        _warnings = null;
        if (_connection is not null)
            await _connection.DisposeAsync().ConfigureAwait(false);
        _connection = null;
    }
}
