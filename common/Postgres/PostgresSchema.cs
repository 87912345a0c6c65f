namespace Veil.Postgres;

/// <summary>What stands in a database, by version: each migration leads from one to the next.</summary>
/// <param name="Name">Of the schema in the database's table <c>veil_schema</c>; several may share a database.</param>
/// <param name="Migrations">SQL, in order; only ever appended to.</param>
/// <param name="ApartFrom">Name of a schema that must not be in the same database, or null.</param>
public sealed record PostgresSchema(string Name, IReadOnlyList<string> Migrations, string? ApartFrom = null);
