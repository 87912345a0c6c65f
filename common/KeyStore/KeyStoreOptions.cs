using System.ComponentModel.DataAnnotations;

namespace Veil.KeyStore;

/// <summary>Where keys lie and what wraps them. Exactly one source of the wrapping key is set.</summary>
public sealed class KeyStoreOptions
{
    /// <summary>Folder of the wrapped keys, readable by this service's account alone (mode 0700). Required. Made when absent.</summary>
    [Required]
    public string? Directory { get; init; }

    /// <summary>File with the 32-byte wrapping key: raw, or as base64 with an optional line end. Readable by its owner alone (0600 or 0400).</summary>
    public string? WrappingKeyFile { get; init; }

    /// <summary>Name of the environment variable that holds the wrapping key as base64.</summary>
    public string? WrappingKeyVariable { get; init; }

    /// <summary>Command (program, then its arguments; no shell) that prints the wrapping key as base64: the door to a KMS. It has 30 seconds.</summary>
    public IReadOnlyList<string>? WrappingKeyCommand { get; init; }
}
