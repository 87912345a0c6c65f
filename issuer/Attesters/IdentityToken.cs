using System.Diagnostics.CodeAnalysis;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Veil.Issuer;

/// <summary>Signed JSON Web Tokens (RFC 7519, JWS compact form) as a request carries them, before anything in them is believed.</summary>
internal static class IdentityToken
{
    /// <summary>Longest token, characters: all header fields together have 16 KiB.</summary>
    public const int MaxSize = 16 * 1024;

    private const int MaxSubject = 255;

    private static readonly string[] Types = ["JWT", "at+jwt", "application/at+jwt"];

    /// <summary>
    /// Reads the three parts without verifying any. Refused: encrypted tokens, headers with <c>crit</c> (an extension that must be understood), types that are neither
    /// ID token nor access token, and a subject that is absent or longer than OpenID Connect allows. Never throws on what it is given.
    /// </summary>
    public static bool TryRead(string credential, [NotNullWhen(true)] out JsonWebToken? token)
    {
        token = null;
        if (credential.Length > MaxSize || credential.Count(c => c is '.') != 2)
            return false;

        try
        {
            var read = new JsonWebToken(credential);
            bool isPlain = !read.IsEncrypted && !read.TryGetHeaderValue("crit", out object _)
                && (string.IsNullOrEmpty(read.Typ) || Types.Contains(read.Typ, StringComparer.OrdinalIgnoreCase));

            // The library reads claims when they are asked for, and throws then: what is let through here has been read whole.
            bool isWhole = read.Claims.All(claim => claim.Value is not null) && read.Alg is { Length: > 0 };
            token = isPlain && isWhole && read.Issuer is { Length: > 0 } && read.Subject is { Length: > 0 and <= MaxSubject } ? read : null;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or FormatException or System.Text.Json.JsonException or InvalidOperationException)
        {
            // The library's ways to say that this is no token.
        }

        return token is not null;
    }
}
