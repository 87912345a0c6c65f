using Npgsql;
using Veil.Common.Tests.KeyLifecycle;
using Veil.KeyStore;
using Veil.Postgres;
using Veil.Proofs.Databases;

namespace Veil.Common.Tests.KeyStore;

/// <summary>Rings in a PostgreSQL table.</summary>
public sealed class PostgresKeyTableTests : StoredKeyRingTests, IAsyncLifetime
{
    private readonly SharedPostgres _postgres;
    private PostgresOptions _options = new();

    public PostgresKeyTableTests(SharedPostgres postgres) => _postgres = postgres;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(SharedPostgres.Unavailable is not null, SharedPostgres.Unavailable ?? "");
        _options = new PostgresOptions { ConnectionString = await _postgres.CreateDatabaseAsync(), Timeout = TimeSpan.FromSeconds(30) };
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Every_flipped_bit_of_a_stored_key_is_refused()
    {
        using (StoredKeyRing<TestKey> ring = Open())
        {
            ring.CreateFirst(At(0));
        }

        byte[] wrapped = (byte[])Ask("SELECT wrapped FROM keys")!;
        using StoredKeyRing<TestKey> opened = Open();
        for (int bit = 0; bit < wrapped.Length * 8; bit += 3)
        {
            byte[] changed = [.. wrapped];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Ask($"UPDATE keys SET wrapped = '\\x{Convert.ToHexString(changed)}'");
            Assert.Throws<KeyStoreException>(() => opened.Refresh(At(0)));
        }
    }

    [Fact]
    public void A_key_that_was_moved_to_another_kind_does_not_unwrap()
    {
        using (StoredKeyRing<TestKey> ring = Open())
        {
            ring.CreateFirst(At(0));
        }

        Ask("UPDATE keys SET kind = 'other keys'");
        using StoredKeyRing<TestKey> opened = Open(kind: "other keys");
        Assert.Throws<KeyStoreException>(() => opened.Refresh(At(0)));
    }

    [Fact]
    public void Rows_hold_no_material()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(0));
        ring.Refresh(At(0));
        Assert.Equal(-1, ((byte[])Ask("SELECT wrapped FROM keys WHERE serial = 1")!).AsSpan().IndexOf(ring.Live.Active!.Key.Material));
    }

    [Fact]
    public void Rings_of_two_kinds_share_a_table_and_no_key()
    {
        using StoredKeyRing<TestKey> one = Open();
        using StoredKeyRing<TestKey> other = Open(kind: "other keys");
        one.CreateFirst(At(0));
        Assert.False(KeyStorage.HoldsKeys(new KeyStoreOptions { Postgres = _options }, "other keys"));
        other.Refresh(At(0));
        Assert.Null(other.Live.Active);
        other.CreateFirst(At(0));
        other.Refresh(At(0));
        one.Refresh(At(0));
        Assert.NotEqual(one.Live.Active!.Key.Material, other.Live.Active!.Key.Material);
    }

    [Fact]
    public void A_change_that_fails_leaves_the_ring_as_it_was()
    {
        using KeyStorage storage = new PostgresKeyTable(_options, "test keys", new WrappingKey(new byte[WrappingKey.Size]));
        Assert.Throws<NotSupportedException>(() => storage.Locked<bool>(() =>
        {
            storage.Write(new(1, At(0), At(0)), [1, 2, 3]);
            Assert.Single(storage.List());
            throw new NotSupportedException();
        }));
        Assert.Empty(storage.List());
    }

    [Fact]
    public void A_database_that_is_away_leaves_the_published_keys_in_use()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(0));
        ring.Refresh(At(0));
        Ask("ALTER TABLE keys RENAME TO keys_away");
        Assert.Throws<KeyStoreException>(() => ring.Refresh(At(0)));
        Assert.NotNull(ring.Live.Active);
        Ask("ALTER TABLE keys_away RENAME TO keys");
        ring.Refresh(At(1));
        Assert.NotNull(ring.Live.Active);
    }

    [Theory]
    [InlineData(null, false, true)]
    [InlineData("keys", true, true)]
    [InlineData("keys", false, false)]
    [InlineData(null, true, false)]
    public void Exactly_one_place_is_named(string? directory, bool database, bool isProblem) => Assert.Equal(
        isProblem,
        new KeyStoreOptions { Directory = directory, Postgres = database ? new PostgresOptions { ConnectionString = "Host=localhost;Database=x" } : null }.PlaceProblem() is not null);

    private protected override KeyStorage OpenStorage(string kind, WrappingKey wrappingKey) => new PostgresKeyTable(_options, kind, wrappingKey);

    private protected override int Count() => (int)(long)Ask("SELECT count(*) FROM keys WHERE kind = 'test keys'")!;

    private protected override bool HoldsKeys() => PostgresKeyTable.HoldsKeys(_options, "test keys");

    private object? Ask(string sql)
    {
        using var connection = new NpgsqlConnection(_options.ConnectionString + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }
}
