using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Veil.ServiceDefaults;

/// <summary>An IP address, such as <c>192.0.2.7</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IPAddressTextAttribute : ValidationAttribute
{
    /// <summary>The check with its text of what is allowed.</summary>
    public IPAddressTextAttribute() => ErrorMessage = "an IP address, such as 192.0.2.7";

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || value is string text && IPAddress.TryParse(text, out _);
}
