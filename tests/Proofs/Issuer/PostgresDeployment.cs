using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Npgsql;
using Veil.Proofs.Databases;

namespace Veil.Proofs.Issuer;

/// <summary>
/// Two issuer replicas on one PostgreSQL server, of which one is killed at a time while the other serves on. With a synchronous standby the database's primary
/// is struck once too: every process of it is killed, the standby is promoted, and the replicas find it by themselves.
/// </summary>
internal sealed class PostgresDeployment : IIssuerDeployment
{
    private readonly PostgresCluster _primary;
    private readonly PostgresCluster? _standby;
    private readonly string _spent;
    private readonly IssuerProcess[] _issuers;
    private readonly int _strikeAtThePrimary;
    private int _strikes;

    private PostgresDeployment(PostgresCluster primary, PostgresCluster? standby, string spent, IssuerProcess[] issuers, int strikeAtThePrimary)
    {
        _primary = primary;
        _standby = standby;
        _spent = spent;
        _issuers = issuers;
        _strikeAtThePrimary = strikeAtThePrimary;
    }

    public IReadOnlyList<IssuerProcess> Issuers => _issuers;

    private PostgresCluster Serving => _strikes > _strikeAtThePrimary ? _standby! : _primary;

    /// <summary>Starts the database and two replicas with the mint's key.</summary>
    /// <param name="mint">Its key becomes the first of the ring.</param>
    public static Task<IIssuerDeployment> StartAsync(TokenMint mint) => StartAsync(mint, strikeAtThePrimary: null);

    /// <summary>The same with a synchronous standby.</summary>
    /// <param name="mint">Its key becomes the first of the ring.</param>
    /// <param name="strikeAtThePrimary">The number, from 0, of the strike that hits the primary; the others hit an issuer.</param>
    public static Task<IIssuerDeployment> StartWithStandbyAsync(TokenMint mint, int strikeAtThePrimary) => StartAsync(mint, (int?)strikeAtThePrimary);

    public async Task StrikeAsync(Random random)
    {
        if (_strikes++ == _strikeAtThePrimary)
        {
            await _primary.KillAsync();
            await _standby!.PromoteAsync();
            return;
        }

        IssuerProcess struck = _issuers[random.Next(_issuers.Length)];
        await struck.KillAsync();
        await struck.StartAsync();
    }

    public async Task<IReadOnlyList<UInt128>> ReadSpentAsync()
    {
        await Task.WhenAll(_issuers.Select(issuer => issuer.KillAsync()));
        var hashes = new List<UInt128>();
        await using var connection = new NpgsqlConnection(Serving.ConnectionString(_spent));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT token FROM spent", connection);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            hashes.Add(BinaryPrimitives.ReadUInt128BigEndian(rows.GetGuid(0).ToByteArray(bigEndian: true)));
        }

        return hashes;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IssuerProcess issuer in _issuers.Reverse())
        {
            await issuer.DisposeAsync();
        }

        if (_standby is not null)
            await _standby.DisposeAsync();
        await _primary.DisposeAsync();
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The deployment disposes of everything that it holds.")]
    private static async Task<IIssuerDeployment> StartAsync(TokenMint mint, int? strikeAtThePrimary)
    {
        PostgresCluster primary = await PostgresCluster.StartAsync();
        string spent = new NpgsqlConnectionStringBuilder(await primary.CreateDatabaseAsync()).Database!;
        string accounts = new NpgsqlConnectionStringBuilder(await primary.CreateDatabaseAsync()).Database!;
        PostgresCluster? standby = strikeAtThePrimary is null ? null : await primary.AddSynchronousStandbyAsync();
        PostgresCluster[] servers = standby is null ? [primary] : [primary, standby];
        IssuerProcess first = await IssuerProcess.CreateAsync(configuration =>
        {
            RedemptionTrial.AllowGateways(configuration);
            configuration["Stores"] = new JsonObject
            {
                ["AccountsPostgres"] = new JsonObject { ["ConnectionString"] = PostgresCluster.ConnectionString(accounts, servers) },
                ["SpentPostgres"] = new JsonObject { ["ConnectionString"] = PostgresCluster.ConnectionString(spent, servers) },
            };
        });
        mint.Equip(first);
        IssuerProcess second = first.Replica();
        await Task.WhenAll(first.StartAsync(), second.StartAsync());
        return new PostgresDeployment(primary, standby, spent, [first, second], strikeAtThePrimary ?? int.MaxValue);
    }
}
