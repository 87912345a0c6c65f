using System.ComponentModel.DataAnnotations;
using Veil.Postgres;

namespace Veil.Issuer;

/// <summary>
/// Where the issuer remembers. Two files or two databases, so that what is known of accounts and what is known of spent tokens share no transaction, no order
/// and no backup.
/// </summary>
public sealed class StoreOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Stores";

    /// <summary>
    /// SQLite file with accounts and what each drew. Made by <c>veil-issuer keys init</c> or the first <c>accounts add</c>. Not used with <see cref="AccountsPostgres"/>.
    /// </summary>
    [Required]
    public string Accounts { get; init; } = "accounts.db";

    /// <summary>PostgreSQL database with accounts and quotas, which replicas of the issuer share, instead of the file. Default: none.</summary>
    public PostgresOptions? AccountsPostgres { get; init; }

    /// <summary>
    /// SQLite file with the spent tokens. Made by <c>veil-issuer keys init</c>; a start without it is refused, because an empty one would take every token again.
    /// Not used with <see cref="SpentPostgres"/>.
    /// </summary>
    [Required]
    public string Spent { get; init; } = "spent.db";

    /// <summary>
    /// PostgreSQL database with the spent tokens, which replicas of the issuer share, instead of the file. Another database than that of the accounts, with a user
    /// of its own. Default: none.
    /// </summary>
    public PostgresOptions? SpentPostgres { get; init; }
}
