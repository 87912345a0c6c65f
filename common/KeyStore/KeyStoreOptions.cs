using Veil.Postgres;

namespace Veil.KeyStore;

/// <summary>Where keys lie and what wraps them. Exactly one place and one source of the wrapping key are set.</summary>
public sealed class KeyStoreOptions
{
    /// <summary>Folder of the wrapped keys, readable by this service's account alone (mode 0700). Made when absent. For one machine.</summary>
    public string? Directory { get; init; }

    /// <summary>
    /// PostgreSQL database with the wrapped keys, instead of the folder: replicas share one ring in it. Each service has a database and a user of its own: the issuer's
    /// never holds a key that opens a request. The table is made when absent.
    /// </summary>
    public PostgresOptions? Postgres { get; init; }

    /// <summary>File with the 32-byte wrapping key: raw, or as base64 with an optional line end. Readable by its owner alone (0600 or 0400).</summary>
    public string? WrappingKeyFile { get; init; }

    /// <summary>Name of the environment variable that holds the wrapping key as base64.</summary>
    public string? WrappingKeyVariable { get; init; }

    /// <summary>Command (program, then its arguments; no shell) that prints the wrapping key as base64: the door to a KMS. It has 30 seconds.</summary>
    public IReadOnlyList<string>? WrappingKeyCommand { get; init; }

    /// <summary>The folder or database, for messages.</summary>
    public string Place => Postgres is { } database ? $"the database {database.Target()}" : Directory ?? "nowhere";

    /// <summary>What is wrong with the place: the setting, what is found, what is allowed. Null when nothing is.</summary>
    public (string Setting, string Found, string Allowed)? PlaceProblem() =>
        string.IsNullOrEmpty(Directory) == Postgres is null
            ? ("", Postgres is null ? "no place for keys" : "two places for keys", "exactly one of Directory and Postgres")
            : Postgres?.Problem() is { } problem ? ($":{nameof(Postgres)}", problem, "a PostgreSQL database to connect to")
            : null;
}
