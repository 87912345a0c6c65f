namespace Veil.Postgres;

/// <summary>The database can neither confirm nor refuse. The message is one line for the operator, without user, password or data.</summary>
public sealed class PostgresUnavailableException : Exception
{
    /// <param name="message">What failed; for the operator, never for a peer.</param>
    public PostgresUnavailableException(string message)
        : base(message)
    {
    }

    /// <param name="message">What failed; for the operator, never for a peer.</param>
    /// <param name="inner">What the database or the connection said.</param>
    public PostgresUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
