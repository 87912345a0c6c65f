using System.Text.Json.Nodes;
using Npgsql;
using Veil.Issuer;
using Veil.Postgres;
using Veil.Proofs.Databases;

namespace Veil.Proofs.Issuer;

/// <summary>On a private PostgreSQL server.</summary>
internal sealed class PostgresSpentStoreFill : SpentStoreFill
{
    private PostgresCluster? _cluster;
    private string _database = "";

    public override string Name => "postgresql";

    public override async Task PrepareAsync(TokenMint mint)
    {
        _cluster = await PostgresCluster.StartAsync("shared_buffers=512MB", "max_wal_size=8GB");
        _database = await _cluster.CreateDatabaseAsync();
        Issuer = await IssuerProcess.CreateAsync(configuration =>
            configuration["Stores"] = new JsonObject { ["SpentPostgres"] = new JsonObject { ["ConnectionString"] = _database, ["Timeout"] = "00:00:30" } });
        mint.Equip(Issuer);
    }

    /// <summary>Tables and primary keys.</summary>
    public override async Task<long> SizeAsync()
    {
        await using var connection = new NpgsqlConnection(_database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'spent'::regclass", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    protected override async Task<ISpentTokenStore> OpenAsync() =>
        await PostgresSpentTokenStore.OpenAsync(new PostgresOptions { ConnectionString = _database, Timeout = TimeSpan.FromSeconds(60) });
}
