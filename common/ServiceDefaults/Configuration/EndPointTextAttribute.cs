using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Veil.ServiceDefaults;

/// <summary>An IP address and a port, such as <c>127.0.0.1:8443</c> or <c>[::]:8443</c>; port 0 lets the system choose.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EndPointTextAttribute : ValidationAttribute
{
    /// <summary>The check with its text of what is allowed.</summary>
    public EndPointTextAttribute() => ErrorMessage = "an address and a port, such as 127.0.0.1:8443 or [::]:8443";

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || value is string text && TryParse(text, out _);

    /// <summary>Parses text that the attribute has passed.</summary>
    /// <exception cref="FormatException">It has not.</exception>
    internal static IPEndPoint Parse(string text) => TryParse(text, out IPEndPoint? endPoint) ? endPoint : throw new FormatException("not an address and a port");

    private static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;
        bool hasPort = text.LastIndexOf(':') > text.LastIndexOf(']') && (text[0] is '[' || text.Count(c => c is ':') == 1);
        return hasPort && IPEndPoint.TryParse(text, out endPoint);
    }
}
