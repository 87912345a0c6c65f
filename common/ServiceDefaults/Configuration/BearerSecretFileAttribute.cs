using System.ComponentModel.DataAnnotations;

namespace Veil.ServiceDefaults;

/// <summary>The path of a file that <see cref="BearerSecretFile"/> can read when the service starts.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BearerSecretFileAttribute : ValidationAttribute
{
    /// <summary>The check with its text of what is allowed.</summary>
    public BearerSecretFileAttribute() => ErrorMessage = "the path of a readable file with one word of printable ASCII, the secret";

    /// <inheritdoc/>
    public override bool IsValid(object? value)
    {
        if (value is null)
            return true;
        try
        {
            return value is string path && BearerSecretFile.Read(path) is not null;
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
