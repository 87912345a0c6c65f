using System.Diagnostics.CodeAnalysis;

namespace Veil.PrivacyPass;

/// <summary>The <c>Authorization</c> field that spends a token (RFC 9577 section 2.2): <c>PrivateToken token="…"</c>, base64url with padding.</summary>
public static class PrivateTokenAuthorization
{
    /// <summary>Reads a whole field value with one set of credentials; unknown parameters are ignored.</summary>
    /// <param name="field">Untrusted.</param>
    /// <param name="token">The token, not yet verified, or null.</param>
    /// <param name="error">What was wrong; an origin answers all of them with the same 401.</param>
    public static bool TryParse(ReadOnlySpan<char> field, [NotNullWhen(true)] out Token? token, out PrivacyPassError error)
    {
        token = null;
        if (!AuthFieldReader.TryRead(field, out List<AuthChallenge>? all) || all.Count != 1)
            return Refuse(PrivacyPassError.BadHeader, out error);
        if (!all[0].Is(PrivateTokenChallenge.Scheme))
            return Refuse(PrivacyPassError.WrongScheme, out error);
        if (!all[0].TryGetSingle("token", out string? encoded))
            return Refuse(PrivacyPassError.DuplicateParameter, out error);
        if (encoded is null)
            return Refuse(PrivacyPassError.MissingParameter, out error);
        if (!PaddedBase64Url.TryDecode(encoded, out byte[]? bytes))
            return Refuse(PrivacyPassError.BadBase64, out error);

        return Token.TryParse(bytes, out token, out error);
    }

    /// <summary>The field value that spends a token.</summary>
    /// <param name="token">A whole token.</param>
    public static string Write(ReadOnlySpan<byte> token) => $"{PrivateTokenChallenge.Scheme} token=\"{PaddedBase64Url.Encode(token)}\"";

    private static bool Refuse(PrivacyPassError reason, out PrivacyPassError error)
    {
        error = reason;
        return false;
    }
}
