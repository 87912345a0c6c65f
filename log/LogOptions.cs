using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.TransparencyLog;

/// <summary>The log that this program keeps.</summary>
public sealed class LogOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Log";

    /// <summary>The log's name, the first line of its checkpoints: <c>&lt;authority&gt;/veil</c>. Required; it never changes.</summary>
    [Required]
    public string Origin { get; init; } = "";

    /// <summary>File with the log's signing key, as <c>veil-log key</c> writes it. Required.</summary>
    [Required, ReadableFile]
    public string KeyFile { get; init; } = "";

    /// <summary>Folder of the log. Required; made when it is not there. One process writes it at a time.</summary>
    [Required]
    public string Folder { get; init; } = "";

    /// <summary>The witnesses that are asked to cosign.</summary>
    public IReadOnlyList<WitnessEndpoint> Witnesses { get; init; } = [];

    /// <summary>How many must have cosigned before an entry is acknowledged. Default 1; 0 only for a log that nobody relies on.</summary>
    [Range(0, 64)]
    public int WitnessThreshold { get; init; } = 1;

    /// <summary>Longest wait for a witness. Default 5 s: a few round trips; those that answer later are not waited for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan WitnessTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whom to trust for the witnesses' certificates.</summary>
    public OutboundTlsOptions WitnessTls { get; init; } = new();

    /// <summary>Address to connect to witnesses from, on a machine with several. Default: the system's choice.</summary>
    [IPAddressText]
    public string? LocalAddress { get; init; }

    /// <summary>Who may append. Nobody else can; everyone may read.</summary>
    public IReadOnlyList<PublisherOptions> Publishers { get; init; } = [];
}

/// <summary>A witness.</summary>
public sealed class WitnessEndpoint
{
    /// <summary>The URL under which <c>add-checkpoint</c> is, https only. Required.</summary>
    [Required, HttpsUrl]
    public Uri? Url { get; init; }

    /// <summary>Its verifier key (vkey). Required: a cosignature that does not verify is not published.</summary>
    [Required]
    public string Key { get; init; } = "";
}

/// <summary>Somebody who may append.</summary>
public sealed class PublisherOptions
{
    /// <summary>For the operator; nothing depends on it.</summary>
    [Required]
    public string Name { get; init; } = "";

    /// <summary>SHA-256 of the SubjectPublicKeyInfo of its TLS client certificate, 64 hexadecimal digits. Use this or <see cref="SecretSha256"/>.</summary>
    [RegularExpression("^[0-9a-fA-F]{64}$", ErrorMessage = "64 hexadecimal digits")]
    public string? CertificateSpkiSha256 { get; init; }

    /// <summary>SHA-256 of the bearer secret's UTF-8 bytes, 64 hexadecimal digits.</summary>
    [RegularExpression("^[0-9a-fA-F]{64}$", ErrorMessage = "64 hexadecimal digits")]
    public string? SecretSha256 { get; init; }
}
