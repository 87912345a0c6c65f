using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Veil.Issuer;

/// <summary>A public key of a provider's key set (RFC 7517) that signatures are verified with.</summary>
/// <param name="Id">Its <c>kid</c>, or null.</param>
/// <param name="Algorithm">The only algorithm that it is for, or null.</param>
/// <param name="Key">RSA of 2048 to 8192 bits, or a NIST curve.</param>
internal sealed record SigningKey(string? Id, string? Algorithm, SecurityKey Key)
{
    private const int LeastRsaBits = 2048;
    private const int MostRsaBits = 8192;

    /// <summary>The key, or null for one of another use, kind or size, and for one that is damaged.</summary>
    public static SigningKey? From(JsonWebKey key)
    {
        if (key.Use is not (null or "" or JsonWebKeyUseNames.Sig))
            return null;

        try
        {
            SecurityKey? made = key.Kty switch
            {
                JsonWebAlgorithmsKeyTypes.RSA => Rsa(key),
                JsonWebAlgorithmsKeyTypes.EllipticCurve => Curve(key),
                _ => null,
            };
            if (made is null)
                return null;
            made.KeyId = key.Kid;
            return new SigningKey(Given(key.Kid), Given(key.Alg), made);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static RsaSecurityKey? Rsa(JsonWebKey key)
    {
        byte[] modulus = Base64UrlEncoder.DecodeBytes(key.N);
        byte[] exponent = Base64UrlEncoder.DecodeBytes(key.E);
        return modulus.Length * 8 is >= LeastRsaBits and <= MostRsaBits && exponent.Length is > 0 and <= 8
            ? new RsaSecurityKey(new RSAParameters { Modulus = modulus, Exponent = exponent })
            : null;
    }

    private static ECDsaSecurityKey? Curve(JsonWebKey key)
    {
        ECCurve? curve = key.Crv switch
        {
            JsonWebKeyECTypes.P256 => ECCurve.NamedCurves.nistP256,
            JsonWebKeyECTypes.P384 => ECCurve.NamedCurves.nistP384,
            JsonWebKeyECTypes.P521 => ECCurve.NamedCurves.nistP521,
            _ => null,
        };
        return curve is { } named
            ? new ECDsaSecurityKey(ECDsa.Create(new ECParameters { Curve = named, Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes(key.X), Y = Base64UrlEncoder.DecodeBytes(key.Y) } }))
            : null;
    }
}
