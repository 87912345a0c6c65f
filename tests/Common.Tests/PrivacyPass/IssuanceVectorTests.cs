using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Veil.Common.Tests.Crypto;
using Veil.Crypto;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

/// <summary>RFC 9578 appendix B.2: issuance of token type 0x0002.</summary>
public static class IssuanceVectorTests
{
    public static TheoryData<int> Vectors => new(Enumerable.Range(0, Flows().Length));

    [Theory]
    [MemberData(nameof(Vectors))]
    public static void The_issuer_answers_as_in_the_vector(int index)
    {
        JsonElement flow = Flows()[index];
        using TokenIssuerKey key = IssuerKey(flow);
        Assert.Equal(flow.Hex("pkS"), key.PublicKey.Encoding);
        Assert.Equal(flow.Hex("token_key_id"), key.PublicKey.KeyId);
        Assert.True(key.TryIssue(flow.Hex("token_request"), out byte[]? response, out PrivacyPassError error), error.ToString());
        Assert.Equal(flow.Hex("token_response"), response);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public static void The_client_makes_the_request_and_the_token_of_the_vector(int index)
    {
        JsonElement flow = Flows()[index];
        Assert.True(TokenPublicKey.TryParse(0x0002, flow.Hex("pkS"), out TokenPublicKey? key, out _));
        Assert.True(TokenChallenge.TryParse(flow.Hex("token_challenge"), out TokenChallenge? challenge, out _));
        byte[] input = AuthenticatorInput.Write(0x0002, flow.Hex("nonce"), challenge.Digest, key.KeyId);
        Assert.Equal(flow.Hex("token_input"), input);

        foreach (string backend in new[] { "libcrypto", "portable" })
        {
            BlindRsaPublicKey rsa = RsaBackends.PublicKey(backend, flow.Hex("modulus"));
            Assert.True(rsa.TryBlind(BlindRsaVariant.PssDeterministic, input, flow.Hex("salt"), flow.Hex("blind"), out BlindedMessage? blinded));
            using PendingToken pending = new(key, input, new BlindedRsaToken(blinded));
            Assert.Equal(flow.Hex("token_request"), pending.TokenRequest.ToArray());
            Assert.True(pending.TryFinalize(flow.Hex("token_response"), out Token? token, out _));
            Assert.Equal(flow.Hex("token"), token.Encoded);
            Assert.True(key.Verify(token));
        }
    }

    internal static JsonElement[] Flows() =>
        [.. VectorFile.Open("rfc9578/privacypass-issuance-type2-rfc9578.json").GetProperty("vectors").EnumerateArray()];

    internal static TokenIssuerKey IssuerKey(JsonElement flow)
    {
        RsaBackends.SkipUnlessThisProcessSigns();
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Encoding.ASCII.GetString(flow.Hex("skS")));
        return TokenIssuerKey.Import(0x0002, rsa.ExportPkcs8PrivateKey());
    }
}
