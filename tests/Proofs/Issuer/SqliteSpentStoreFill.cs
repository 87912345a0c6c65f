using Microsoft.Data.Sqlite;
using Veil.Issuer;

namespace Veil.Proofs.Issuer;

/// <summary>On a SQLite file.</summary>
internal sealed class SqliteSpentStoreFill : SpentStoreFill
{
    public override string Name => "sqlite";

    private string Database => Path.Combine(Issuer.Folder, "spent.db");

    public override async Task PrepareAsync(TokenMint mint)
    {
        Issuer = await IssuerProcess.CreateAsync();
        mint.Equip(Issuer);
    }

    /// <summary>The pages in use.</summary>
    public override Task<long> SizeAsync()
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s";
        return Task.FromResult((long)command.ExecuteScalar()!);
    }

    protected override Task<ISpentTokenStore> OpenAsync() => Task.FromResult<ISpentTokenStore>(new SqliteSpentTokenStore(Database));
}
