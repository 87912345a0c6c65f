using System.ComponentModel.DataAnnotations;

namespace Veil.ServiceDefaults;

/// <summary>An absolute https URL without user name, query and fragment.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HttpsUrlAttribute : ValidationAttribute
{
    /// <summary>The check with its text of what is allowed.</summary>
    public HttpsUrlAttribute() => ErrorMessage = "an absolute https URL without user name, query and fragment";

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is null || value is Uri { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "" } url && url.Scheme == Uri.UriSchemeHttps;
}
