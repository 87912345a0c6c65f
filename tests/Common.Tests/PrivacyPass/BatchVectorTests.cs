using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Veil.Common.Tests.Crypto;
using Veil.Crypto;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

/// <summary>draft-ietf-privacypass-batched-tokens: amortized batches of types 1 and 5, generic batches of any types.</summary>
public static class BatchVectorTests
{
    public static TheoryData<ushort, int> Amortized => new(
        from type in new ushort[] { 1, 5 } from index in Enumerable.Range(0, Flows(type).Length) select (type, index));

    public static TheoryData<int> Generic => new(Enumerable.Range(0, File().GetProperty("generic").GetArrayLength()));

    [Theory]
    [MemberData(nameof(Amortized))]
    public static void An_amortized_batch_is_that_of_the_vector(ushort type, int index)
    {
        JsonElement flow = Flows(type)[index];
        using TokenIssuerKey issuer = VoprfIssuanceVectorTests.IssuerKey(type, flow.Hex("skS"));
        Assert.Equal(flow.Hex("pkS"), issuer.PublicKey.Encoding);
        byte[][] nonces = List(flow, "nonces");
        using AmortizedPendingBatch pending = Pending(issuer, flow, nonces);
        byte[] request = flow.Hex("token_request");
        Assert.Equal(request, pending.Request.ToArray());
        Assert.Equal(request.Length, AmortizedBatchRequest.Size(issuer.Type, nonces.Length));

        Assert.True(AmortizedBatchRequest.TryParse(request, nonces.Length, out AmortizedBatchRequest? parsed, out _));
        Assert.Equal(nonces.Length, parsed.Count);
        Assert.True(issuer.TryIssue(parsed, out byte[]? response, out PrivacyPassError error), error.ToString());
        byte[] expected = flow.Hex("token_response");
        int proofSize = ((VoprfTokenType)issuer.Type).Suite.ProofSize;
        Assert.Equal(expected.Length, response.Length);
        Assert.Equal(expected[..^proofSize], response[..^proofSize]);

        foreach (byte[] answer in new[] { expected, response })
        {
            Assert.True(pending.TryFinalize(answer, out IReadOnlyList<Token>? tokens, out _));
            Assert.Equal(List(flow, "tokens"), tokens.Select(token => token.Encoded.ToArray()));
            Assert.All(tokens, token => Assert.True(issuer.Verify(token)));
        }
    }

    [Theory]
    [MemberData(nameof(Generic))]
    public static void A_generic_batch_is_that_of_the_vector(int index)
    {
        JsonElement flow = File().GetProperty("generic")[index];
        JsonElement[] issuances = [.. flow.GetProperty("issuance").EnumerateArray()];
        using var pending = new GenericPendingBatch(issuances.Select(Pending));
        byte[] request = flow.Hex("token_request");
        Assert.Equal(request, pending.Request.ToArray());
        Assert.True(pending.TryFinalize(flow.Hex("token_response"), out IReadOnlyList<Token>? tokens, out _));
        Assert.Equal(issuances.Select(issuance => issuance.Hex("token")), tokens.Select(token => token.Encoded.ToArray()));

        Assert.True(GenericBatchRequest.TryParse(request, issuances.Length, out GenericBatchRequest? parsed, out _));
        var answers = new List<byte[]?>();
        for (int i = 0; i < issuances.Length; i++)
        {
            using TokenIssuerKey issuer = IssuerKey(issuances[i]);
            Assert.True(issuer.TryIssue(parsed.TokenRequests[i].Span, out byte[]? answer, out _));
            Assert.True(issuer.Verify(tokens[i]));
            answers.Add(answer);
        }

        byte[] response = GenericBatchResponse.Write(parsed, answers);
        Assert.Equal(flow.Hex("token_response").Length, response.Length);
        Assert.True(pending.TryFinalize(response, out IReadOnlyList<Token>? again, out _));
        Assert.Equal(tokens.Select(token => token.Encoded.ToArray()), again.Select(token => token.Encoded.ToArray()));
        if (issuances.All(issuance => TypeOf(issuance) == 2))
            Assert.Equal(flow.Hex("token_response"), response);
    }

    internal static JsonElement File() => VectorFile.Open("draft-ietf-privacypass-batched-tokens/privacypass-batched-draft.json");

    private static AmortizedPendingBatch Pending(TokenIssuerKey issuer, JsonElement flow, byte[][] nonces)
    {
        Assert.True(VoprfPublicKey.TryCreate(((VoprfTokenType)issuer.Type).Suite, flow.Hex("pkS"), out VoprfPublicKey? voprf));
        byte[][] inputs = [.. nonces.Select(nonce => VoprfIssuanceVectorTests.Input(issuer.PublicKey, flow, nonce))];
        return new((VoprfTokenPublicKey)issuer.PublicKey, inputs, voprf.Blind(inputs, [.. List(flow, "blinds").SelectMany(blind => blind)]));
    }

    private static PendingToken Pending(JsonElement issuance)
    {
        ushort type = TypeOf(issuance);
        if (type != 2)
        {
            VoprfIssuanceVectorTests.IssuerKey(type, issuance.Hex("skS")).Dispose();
            return VoprfIssuanceVectorTests.Pending(type, issuance);
        }

        using TokenIssuerKey issuer = IssuerKey(issuance);
        byte[] modulus = issuer.PublicKey.Encoding.ToArray()[^(256 + 5)..^5];
        Assert.True(BlindRsaPublicKey.TryCreate(modulus, [1, 0, 1], out BlindRsaPublicKey? rsa));
        byte[] input = VoprfIssuanceVectorTests.Input(issuer.PublicKey, issuance, issuance.Hex("nonce"));
        Assert.True(rsa.TryBlind(BlindRsaVariant.PssDeterministic, input, issuance.Hex("salt"), issuance.Hex("blind"), out BlindedMessage? blinded));
        return new(issuer.PublicKey, input, new BlindedRsaToken(blinded));
    }

    private static TokenIssuerKey IssuerKey(JsonElement issuance)
    {
        if (TypeOf(issuance) != 2)
            return VoprfIssuanceVectorTests.IssuerKey(TypeOf(issuance), issuance.Hex("skS"));

        RsaBackends.SkipUnlessThisProcessSigns();
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Encoding.ASCII.GetString(issuance.Hex("skS")));
        return TokenIssuerKey.Import(2, rsa.ExportPkcs8PrivateKey());
    }

    private static ushort TypeOf(JsonElement issuance) =>
        ushort.Parse(issuance.GetProperty("type").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static JsonElement[] Flows(ushort type) => [.. File().GetProperty($"amortized_type{type}").EnumerateArray()];

    private static byte[][] List(JsonElement flow, string property) =>
        [.. flow.GetProperty(property).EnumerateArray().Select(text => Convert.FromHexString(text.GetString()!))];
}
