using System.ComponentModel.DataAnnotations;

namespace Veil.Issuer;

/// <summary>
/// Where the issuer remembers. Two files, so that what is known of accounts and what is known of spent tokens share no transaction, no order and no backup.
/// </summary>
public sealed class StoreOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Stores";

    /// <summary>SQLite file with accounts and what each drew. Made by <c>veil-issuer keys init</c> or the first <c>accounts add</c>.</summary>
    [Required]
    public string Accounts { get; init; } = "accounts.db";

    /// <summary>
    /// SQLite file with the spent tokens. Made by <c>veil-issuer keys init</c>; a start without it is refused, because an empty one would take every token again.
    /// </summary>
    [Required]
    public string Spent { get; init; } = "spent.db";
}
