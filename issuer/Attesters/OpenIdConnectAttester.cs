using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Veil.Issuer;

/// <summary>
/// Accounts that an OpenID Connect provider knows. Order: form, issuer, algorithm, key, then signature, audience and times. What the token says besides is not kept.
/// </summary>
internal sealed class OpenIdConnectAttester(
    AttestedIdentities identities, IdentityKey identityKey, IssuanceOptions issuance, OpenIdConnectOptions options, OpenIdConnectKeys keys, TimeProvider clock) : IAttester, IDisposable
{
    /// <summary>Algorithms that may be configured.</summary>
    public static readonly IReadOnlyList<string> KnownAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private static readonly string[] DefaultAlgorithms = ["RS256", "PS256", "ES256"];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = IdentityToken.MaxSize };
    private readonly string _issuer = options.Issuer!.OriginalString;
    private readonly IReadOnlyList<string> _algorithms = options.Algorithms.Count > 0 ? options.Algorithms : DefaultAlgorithms;

    public async ValueTask<Attested?> AttestAsync(HttpContext context)
    {
        if (!Bearer.TryRead(context.Request.Headers, out string? credential) || !IdentityToken.TryRead(credential, out JsonWebToken? token) || token.Issuer != _issuer)
            return null;
        if (!_algorithms.Contains(token.Alg))
            return Problems.UnknownAccount;

        KeySearch search = await keys.FindAsync(token.Kid, token.Alg).ConfigureAwait(false);
        if (search.Key is null)
            return search.IsCertain ? Problems.UnknownAccount : Problems.AttesterUnavailable;

        TokenValidationResult result = await _handler.ValidateTokenAsync(token, Parameters(search.Key)).ConfigureAwait(false);
        if (!result.IsValid)
            return Problems.UnknownAccount;

        var identity = new Account(identityKey.OfOpenIdConnect(_issuer, token.Subject), AttesterKind.OpenIdConnect);
        return await identities.AttestAsync(identity, ClassOf(token), options.OnlyAdded).ConfigureAwait(false);
    }

    public void Dispose() => keys.Dispose();

    private TokenValidationParameters Parameters(SecurityKey key) => new()
    {
        ValidIssuer = _issuer,
        ValidAudience = options.Audience,
        ValidAlgorithms = _algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        IssuerSigningKeyResolver = (_, _, _, _) => [key],
        LifetimeValidator = (notBefore, expires, _, _) => IsTimely(notBefore, expires),
    };

    private bool IsTimely(DateTime? notBefore, DateTime? expires)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        return expires > now - options.ClockSkew && (notBefore is null || notBefore <= now + options.ClockSkew);
    }

    /// <summary>The class with the largest quota that one of the claim's values stands for.</summary>
    private string ClassOf(JsonWebToken token) => options.ClassClaim is null
        ? options.Class
        : token.Claims.Where(claim => claim.Type == options.ClassClaim)
            .Select(claim => options.Classes.GetValueOrDefault(claim.Value))
            .OfType<string>()
            .MaxBy(quotaClass => issuance.QuotaClasses.GetValueOrDefault(quotaClass)) ?? options.Class;
}
