using System.Text.Json;
using Veil.Common.Tests.Crypto;
using Veil.Crypto;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

/// <summary>RFC 9578 appendix B.1 (type 0x0001), and the single tokens of type 0x0005 of draft-ietf-privacypass-batched-tokens. Proofs are random: clients check those of the vectors.</summary>
public static class VoprfIssuanceVectorTests
{
    public static TheoryData<ushort, int> Vectors => new(
        from type in new ushort[] { 1, 5 } from index in Enumerable.Range(0, Flows(type).Length) select (type, index));

    [Theory]
    [MemberData(nameof(Vectors))]
    public static void The_issuer_answers_as_in_the_vector_but_for_the_proof(ushort type, int index)
    {
        JsonElement flow = Flows(type)[index];
        using TokenIssuerKey key = IssuerKey(type, flow.Hex("skS"));
        Assert.Equal(flow.Hex("pkS"), key.PublicKey.Encoding);
        Assert.True(key.TryIssue(flow.Hex("token_request"), out byte[]? response, out PrivacyPassError error), error.ToString());
        byte[] expected = flow.Hex("token_response");
        Assert.Equal(expected.Length, response.Length);
        int elementSize = flow.Hex("pkS").Length;
        Assert.Equal(expected[..elementSize], response[..elementSize]);
        Assert.Equal(flow.Hex("token"), Finalize(type, flow, response).Encoded);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public static void The_client_makes_the_request_and_the_token_of_the_vector(ushort type, int index)
    {
        JsonElement flow = Flows(type)[index];
        using TokenIssuerKey key = IssuerKey(type, flow.Hex("skS"));
        using PendingToken pending = Pending(type, flow);
        Assert.Equal(flow.Hex("token_request"), pending.TokenRequest.ToArray());
        Token token = Finalize(type, flow, flow.Hex("token_response"));
        Assert.Equal(flow.Hex("token"), token.Encoded);
        Assert.True(key.Verify(token));
        Assert.Throws<InvalidOperationException>(() => key.PublicKey.Verify(token));
    }

    /// <summary>The issuer key with the scalar of a vector; skips where this machine does not serve the type.</summary>
    internal static TokenIssuerKey IssuerKey(ushort type, byte[] scalar)
    {
        var row = (VoprfTokenType)TokenType.FindKnown(type)!;
        Assert.SkipUnless(row.Missing is null, row.Missing ?? "");
        return new VoprfIssuerKey(row, VoprfPrivateKey.FromScalar(row.Suite, scalar));
    }

    /// <summary>The pending token with nonce and blind of a vector.</summary>
    internal static PendingToken Pending(ushort type, JsonElement flow)
    {
        byte[] encoding = flow.Hex("pkS");
        Assert.True(TokenPublicKey.TryParse(type, encoding, out TokenPublicKey? key, out _));
        Assert.True(VoprfPublicKey.TryCreate(((VoprfTokenType)key.Type).Suite, encoding, out VoprfPublicKey? voprf));
        byte[] input = Input(key, flow, flow.Hex("nonce"));
        return new(key, input, new BlindedVoprfToken(voprf.Blind([input], flow.Hex("blind"))));
    }

    internal static byte[] Input(TokenPublicKey key, JsonElement flow, byte[] nonce)
    {
        Assert.True(TokenChallenge.TryParse(flow.Hex("token_challenge"), out TokenChallenge? challenge, out _));
        return AuthenticatorInput.Write(key.Type.Id, nonce, challenge.Digest, key.KeyId);
    }

    private static Token Finalize(ushort type, JsonElement flow, byte[] response)
    {
        using PendingToken pending = Pending(type, flow);
        Assert.True(pending.TryFinalize(response, out Token? token, out _));
        return token;
    }

    private static JsonElement[] Flows(ushort type) => type == 1
        ? [.. VectorFile.Open("rfc9578/privacypass-issuance-type1-rfc9578.json").GetProperty("vectors").EnumerateArray()]
        : [.. BatchVectorTests.File().GetProperty("type5_single").EnumerateArray()];
}
