using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Veil.Issuer.Tests.Rig;

/// <summary>A signing key of a provider with its published form.</summary>
public sealed class ProviderKey : IDisposable
{
    private readonly AsymmetricAlgorithm _key;

    private ProviderKey(string id, string algorithm, AsymmetricAlgorithm key)
    {
        Id = id;
        Algorithm = algorithm;
        _key = key;
    }

    public string Id { get; }

    public string Algorithm { get; }

    public static ProviderKey Rsa(string id, string algorithm, int bits = 2048) => new(id, algorithm, RSA.Create(bits));

    public static ProviderKey Curve(string id) => new(id, "ES256", ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public byte[] Sign(byte[] data) => _key switch
    {
        RSA rsa => rsa.SignData(
            data, Algorithm.EndsWith("512", StringComparison.Ordinal) ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256,
            Algorithm.StartsWith('P') ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
        _ => ((ECDsa)_key).SignData(data, HashAlgorithmName.SHA256),
    };

    /// <summary>The public key's PEM, which an HS256 forgery would use as its secret.</summary>
    public string PublicPem() => _key.ExportSubjectPublicKeyInfoPem();

    public JsonObject Published()
    {
        var key = new JsonObject { ["kid"] = Id, ["use"] = "sig", ["alg"] = Algorithm };
        if (_key is RSA rsa)
        {
            RSAParameters parameters = rsa.ExportParameters(false);
            (key["kty"], key["n"], key["e"]) = ("RSA", Base64Url.EncodeToString(parameters.Modulus), Base64Url.EncodeToString(parameters.Exponent));
        }
        else
        {
            ECParameters parameters = ((ECDsa)_key).ExportParameters(false);
            (key["kty"], key["crv"], key["x"], key["y"]) = ("EC", "P-256", Base64Url.EncodeToString(parameters.Q.X), Base64Url.EncodeToString(parameters.Q.Y));
        }

        return key;
    }

    public void Dispose() => _key.Dispose();
}
