using System.Globalization;
using Veil.Postgres;

namespace Veil.Issuer;

/// <summary>
/// The tables of the spent tokens. <c>spent</c> is partitioned by token key: a partition has the hashes as its primary key and nothing else, and leaves as a whole.
/// Redemptions are remembered in one of four tables, by <see cref="MemoryPeriod"/>: this period's, the one before, the one that is emptied, and the next.
/// </summary>
internal static class PostgresSpentTables
{
    /// <summary>How many tables remember redemptions.</summary>
    public const int MemorySlots = 4;

    /// <summary>The schema; never in the database of the accounts.</summary>
    public static PostgresSchema Schema { get; } = new(
        "spent",
        [
            $"""
            CREATE TABLE partitions (partition bigint PRIMARY KEY, announced bigint NOT NULL, retired boolean NOT NULL);
            CREATE TABLE spent (partition bigint NOT NULL, token uuid NOT NULL) PARTITION BY LIST (partition);
            CREATE TABLE redemptions_0 (until bigint NOT NULL, attempt uuid PRIMARY KEY);
            CREATE TABLE redemptions_1 (until bigint NOT NULL, attempt uuid PRIMARY KEY);
            CREATE TABLE redemptions_2 (until bigint NOT NULL, attempt uuid PRIMARY KEY);
            CREATE TABLE redemptions_3 (until bigint NOT NULL, attempt uuid PRIMARY KEY);
            """,
        ],
        ApartFrom: "accounts");

    /// <summary>Spends <c>$1 partitions, $2 tokens, $3 attempts</c>, remembers the winners until <c>$4</c>, and gives the places of the others, from 1.</summary>
    /// <remarks>
    /// A token that another transaction is inserting is waited for, so that what did not win has been spent by somebody who committed. The places arrive in any order.
    /// </remarks>
    public static string Spend(long period) => $"""
        WITH asked AS MATERIALIZED (SELECT * FROM unnest($1, $2, $3) WITH ORDINALITY AS asked (partition, token, attempt, place)),
        won AS (INSERT INTO spent SELECT partition, token FROM asked ORDER BY place ON CONFLICT DO NOTHING RETURNING token),
        remembered AS (INSERT INTO {Memory(period)} SELECT $4, attempt FROM asked WHERE token IN (SELECT token FROM won) ON CONFLICT DO NOTHING)
        SELECT place FROM asked WHERE token NOT IN (SELECT token FROM won)
        """;

    /// <summary>
    /// Which of the attempts <c>$1</c> are remembered, and until when. What is found leaves a mark in the log: the commit then waits for the disks, also for those of a standby
    /// that the remembered commit itself has not reached yet.
    /// </summary>
    public const string Recall = """
        SELECT attempt, until, pg_logical_emit_message(true, 'veil', '') FROM (
            SELECT * FROM redemptions_0 UNION ALL SELECT * FROM redemptions_1 UNION ALL SELECT * FROM redemptions_2 UNION ALL SELECT * FROM redemptions_3) AS remembered
        WHERE attempt = ANY ($1)
        """;

    /// <summary>Writes a row as it was, which tells whether the database takes writes.</summary>
    public static string Mark => $"UPDATE veil_schema SET version = version WHERE name = '{Schema.Name}'";

    /// <summary>The table that remembers redemptions of a period.</summary>
    public static string Memory(long period) => $"redemptions_{((period % MemorySlots) + MemorySlots) % MemorySlots}";

    /// <summary>The table of a key's spent tokens.</summary>
    public static string Partition(long partition) => string.Create(CultureInfo.InvariantCulture, $"spent_{unchecked((ulong)partition):x16}");

    /// <summary>
    /// Makes a partition. It is attached instead of being made in place, because that lets redemptions go on.
    /// </summary>
    public static string CreatePartition(long partition) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        CREATE TABLE {Partition(partition)} (partition bigint NOT NULL, token uuid PRIMARY KEY);
        ALTER TABLE spent ATTACH PARTITION {Partition(partition)} FOR VALUES IN ({partition});
        """);
}
