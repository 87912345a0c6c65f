namespace Veil.Issuer;

/// <summary>The SQLite file that accounts and quotas share. No table holds a time but that of a key's announcement, which is public.</summary>
internal static class AccountsDatabase
{
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE accounts (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, salt BLOB NOT NULL, key_hash BLOB NOT NULL, quota INTEGER, disabled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE quotas (account TEXT NOT NULL, partition INTEGER NOT NULL, drawn INTEGER NOT NULL, PRIMARY KEY (account, partition)) STRICT, WITHOUT ROWID;
        """,
        """
        CREATE TABLE attested_accounts (
            id TEXT PRIMARY KEY, attester TEXT NOT NULL, name TEXT UNIQUE, class TEXT, quota INTEGER, disabled INTEGER NOT NULL, salt BLOB, key_hash BLOB) STRICT, WITHOUT ROWID;
        INSERT INTO attested_accounts SELECT id, 'ApiKey', name, NULL, quota, disabled, salt, key_hash FROM accounts;
        DROP TABLE accounts;
        ALTER TABLE attested_accounts RENAME TO accounts;
        CREATE TABLE identity_key (only INTEGER PRIMARY KEY CHECK (only = 1), wrapped BLOB NOT NULL) STRICT;
        CREATE TABLE epochs (partition INTEGER PRIMARY KEY, announced INTEGER NOT NULL) STRICT;
        """,
    ];

    /// <summary>The file with its schema.</summary>
    public static SqliteDatabase At(string path) => new(path, Migrations);
}
