using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.TransparencyLog.Witnessing;

/// <summary>The logs that this witness follows.</summary>
public sealed class WitnessOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Witness";

    /// <summary>File with the witness's key, as <c>veil-log key --cosignature</c> writes it. Required.</summary>
    [Required, ReadableFile]
    public string KeyFile { get; init; } = "";

    /// <summary>Folder where it remembers how far it has seen each log. Required: a witness that forgets could cosign a fork.</summary>
    [Required]
    public string Folder { get; init; } = "";

    /// <summary>The logs. One at least.</summary>
    [MinLength(1, ErrorMessage = "at least one log, such as Witness:Logs:0:Origin and Key")]
    public IReadOnlyList<WitnessedLog> Logs { get; init; } = [];
}

/// <summary>A log that is witnessed.</summary>
public sealed class WitnessedLog
{
    /// <summary>The first line of its checkpoints. Required.</summary>
    [Required]
    public string Origin { get; init; } = "";

    /// <summary>Its verifier key (vkey). Required.</summary>
    [Required]
    public string Key { get; init; } = "";
}
