using System.ComponentModel.DataAnnotations;

namespace Veil.ServiceDefaults;

/// <summary>The path of a file that is there when the service starts.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReadableFileAttribute : ValidationAttribute
{
    /// <summary>The check with its text of what is allowed.</summary>
    public ReadableFileAttribute() => ErrorMessage = "the path of a readable file";

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || value is string path && File.Exists(path);
}
