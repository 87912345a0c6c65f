using Veil.Postgres;

namespace Veil.Issuer;

/// <summary>The PostgreSQL database that accounts and quotas share. No table holds a time but that of a key's announcement, which is public.</summary>
internal static class AccountsSchema
{
    /// <summary>Never in the database of the spent tokens.</summary>
    private static readonly PostgresSchema Schema = new(
        "accounts",
        [
            """
            CREATE TABLE accounts (
                id text PRIMARY KEY, attester text NOT NULL, name text UNIQUE, class text, quota integer, disabled boolean NOT NULL, salt bytea, key_hash bytea);
            CREATE TABLE quotas (account text NOT NULL, partition bigint NOT NULL, drawn bigint NOT NULL, PRIMARY KEY (account, partition));
            CREATE TABLE identity_key (only_one boolean PRIMARY KEY CHECK (only_one), wrapped bytea NOT NULL);
            CREATE TABLE epochs (partition bigint PRIMARY KEY, announced bigint NOT NULL);
            """,
        ],
        ApartFrom: "spent");

    /// <summary>Opens the database with its tables, which are made where they are absent.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be used.</exception>
    public static PostgresDatabase Open(PostgresOptions options) => PostgresStore.Open(options, Schema, database => database.Create());
}
