using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Npgsql;

namespace Veil.Postgres;

/// <summary>One PostgreSQL database and how this service signs in to it. Nothing of it but host, port and database name is ever shown.</summary>
public sealed class PostgresOptions
{
    private static readonly TimeSpan HostRecheck = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Npgsql connection string, <c>Host=db.example;Database=veil_spent;Username=veil_spent;SSL Mode=VerifyFull</c>. Required. Several hosts with commas are a primary and its
    /// standbys: the one that is primary now is used. The user owns the database.
    /// </summary>
    [Required]
    public string? ConnectionString { get; init; }

    /// <summary>
    /// File with the password: its first line, for its owner alone (0600 or 0400). Without it the password stands in the connection string, in the file
    /// that PGPASSFILE names, or is not needed (client certificate, peer).
    /// </summary>
    public string? PasswordFile { get; init; }

    /// <summary>
    /// Longest wait for the database, for a connection and for each statement. Default 5 s: a gateway gives up sooner, so that a longer wait would only
    /// pile up work that nobody waits for. When it runs out the connection is dropped and the request is refused.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// True lets a connection to another machine go without TLS or with a certificate that is not verified. Default false: only for a network
    /// that nobody else is in.
    /// </summary>
    public bool AllowUnverifiedTls { get; init; }

    /// <summary>What is wrong with the settings, or null. Holds no part of the connection string but its host.</summary>
    public string? Problem() => TryParse(out _, out string? problem) ? null : problem;

    /// <summary>The host, port and database that the settings name, for comparing; null when they do not name any.</summary>
    public string? Target() => TryParse(out NpgsqlConnectionStringBuilder? connection, out _) ? TargetOf(connection) : null;

    internal static string TargetOf(NpgsqlConnectionStringBuilder connection) => $"{connection.Host}:{connection.Port}/{connection.Database}";

    /// <summary>The settings as Npgsql takes them, with what this product requires of every connection.</summary>
    internal bool TryParse([NotNullWhen(true)] out NpgsqlConnectionStringBuilder? connection, [NotNullWhen(false)] out string? problem)
    {
        connection = null;
        problem = null;
        NpgsqlConnectionStringBuilder parsed;
        try
        {
            parsed = new NpgsqlConnectionStringBuilder(ConnectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or InvalidCastException or OverflowException)
        {
            // What Npgsql says quotes the text, in which a password may stand.
            problem = "ConnectionString is not a connection string of Npgsql";
            return false;
        }

        if (string.IsNullOrEmpty(parsed.Host) || string.IsNullOrEmpty(parsed.Database))
            problem = "ConnectionString names no Host or no Database";
        else if (PasswordFile is not null && parsed.Password is not null)
            problem = "PasswordFile and a password in ConnectionString are both set";
        else if (parsed.Multiplexing)
            problem = "ConnectionString has Multiplexing, which prepared statements and transactions exclude";
        else if (!AllowUnverifiedTls && parsed.SslMode is not (SslMode.VerifyCA or SslMode.VerifyFull) && parsed.Host!.Split(',').FirstOrDefault(host => !IsHere(host)) is { } remote)
            problem = $"host {remote} is another machine and ConnectionString has no SSL Mode=VerifyFull (or set AllowUnverifiedTls for a network of your own)";
        if (problem is not null)
            return false;

        int seconds = (int)Math.Ceiling(Timeout.TotalSeconds);
        parsed.Timeout = seconds;
        parsed.CommandTimeout = seconds;

        // A commit that is cancelled while it waits for its standby ends as if it had succeeded: after a timeout no answer is waited for, the connection goes.
        parsed.CancellationTimeout = -1;
        parsed.TcpKeepAlive = true;
        parsed.TcpKeepAliveTime = (int)KeepAlive.TotalSeconds;
        parsed.HostRecheckSeconds = (int)HostRecheck.TotalSeconds;
        parsed.IncludeErrorDetail = false;
        if (parsed.Host!.Contains(',', StringComparison.Ordinal))
            parsed.TargetSessionAttributes ??= "primary";
        connection = parsed;
        return true;
    }

    /// <summary>This machine: a folder of Unix sockets, or the loopback.</summary>
    private static bool IsHere(string host)
    {
        if (host.StartsWith('/') || host.StartsWith('@'))
            return true;
        string name = host.StartsWith('[') ? host[1..host.IndexOf(']', StringComparison.Ordinal)] : host.Split(':')[0];
        return name is "localhost" || (IPAddress.TryParse(host.Contains("::", StringComparison.Ordinal) && !host.StartsWith('[') ? host : name, out IPAddress? address) && IPAddress.IsLoopback(address));
    }
}
