using System.ComponentModel.DataAnnotations;

namespace Veil.ServiceDefaults;

/// <summary>An absolute http or https URL without user name and fragment.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HttpUrlAttribute : ValidationAttribute
{
    /// <summary>The check with its text of what is allowed.</summary>
    public HttpUrlAttribute() => ErrorMessage = "an absolute http or https URL without user name and fragment";

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is null || value is Uri { IsAbsoluteUri: true, UserInfo: "", Fragment: "" } url && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
}
