using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Veil.Issuer;

namespace Veil.Fuzz.Targets;

/// <summary>Whatever a Bearer credential holds, it is refused or gives a token whose issuer, subject and claims can be read.</summary>
public static class IdentityTokenTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!IdentityToken.TryRead(Encoding.Latin1.GetString(input), out JsonWebToken? token))
            return;
        if (token.Issuer.Length == 0 || token.Subject.Length is 0 or > 255)
            throw new InvalidOperationException("A token without issuer or subject was let through.");
        _ = token.Alg.Length + (token.Kid?.Length ?? 0) + token.Claims.Sum(claim => claim.Value.Length);
    }
}
