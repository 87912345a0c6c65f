using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Veil.Issuer;

/// <summary>Prepared statements, and statements that run once.</summary>
internal static class SqliteStatements
{
    /// <summary>A statement whose parameters are named in order and are given on each run.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Statements are constants of this program; what comes from outside is bound.")]
    public static SqliteCommand Prepare(this SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        return command;
    }

    /// <summary>Binds the parameters in their order.</summary>
    public static SqliteCommand With(this SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command;
    }

    /// <summary>Runs a statement that takes no values.</summary>
    public static void Execute(this SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.Prepare(sql);
        command.ExecuteNonQuery();
    }
}
