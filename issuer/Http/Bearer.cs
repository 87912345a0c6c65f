using System.Diagnostics.CodeAnalysis;

namespace Veil.Issuer;

/// <summary>Credentials of the Bearer scheme (RFC 6750 section 2.1).</summary>
internal static class Bearer
{
    private const string Scheme = "Bearer ";

    /// <summary>The credential of the one Authorization field; false for none, several or another scheme.</summary>
    public static bool TryRead(IHeaderDictionary headers, [NotNullWhen(true)] out string? credential)
    {
        string? field = headers.Authorization.Count == 1 ? headers.Authorization[0] : null;
        credential = field is not null && field.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? field[Scheme.Length..].Trim(' ') : null;
        return credential is not null;
    }
}
