using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Veil.Proofs.Issuer;

/// <summary>One issuer on its SQLite file. It is killed and started again.</summary>
internal sealed class SqliteDeployment : IIssuerDeployment
{
    private readonly IssuerProcess _issuer;

    private SqliteDeployment(IssuerProcess issuer) => _issuer = issuer;

    public IReadOnlyList<IssuerProcess> Issuers => [_issuer];

    /// <summary>Starts an issuer with the mint's key.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The deployment disposes of its issuer.")]
    public static async Task<IIssuerDeployment> StartAsync(TokenMint mint)
    {
        IssuerProcess issuer = await IssuerProcess.CreateAsync(RedemptionTrial.AllowGateways);
        mint.Equip(issuer);
        await issuer.StartAsync();
        return new SqliteDeployment(issuer);
    }

    public async Task StrikeAsync(Random random)
    {
        await _issuer.KillAsync();
        await _issuer.StartAsync();
    }

    public async Task<IReadOnlyList<UInt128>> ReadSpentAsync()
    {
        await _issuer.KillAsync();
        var hashes = new List<UInt128>();
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_issuer.Folder, "spent.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT token FROM spent";
        using SqliteDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            hashes.Add(BinaryPrimitives.ReadUInt128BigEndian(rows.GetFieldValue<byte[]>(0)));
        }

        return hashes;
    }

    public ValueTask DisposeAsync() => _issuer.DisposeAsync();
}
