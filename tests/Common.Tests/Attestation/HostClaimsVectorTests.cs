using System.Text.Json;
using Veil.Attestation;

namespace Veil.Common.Tests.Attestation;

/// <summary>The layout of <c>ops/docs/host-claims.md</c>, byte for byte, from vectors computed apart from this code.</summary>
public static class HostClaimsVectorTests
{
    private static readonly JsonElement Vectors = VectorFile.Open("veil/host-claims.json");

    public static TheoryData<string> Valid => [.. Names("valid")];

    public static TheoryData<string> Invalid => [.. Names("invalid")];

    [Theory]
    [MemberData(nameof(Valid))]
    public static void Valid_claims_are_read_written_again_and_bound_as_the_vector_says(string name)
    {
        JsonElement vector = Find("valid", name);
        byte[] bytes = vector.Hex("hex");
        Assert.True(HostClaims.TryParse(bytes, out HostClaims? claims, out AttestationError error), error.ToString());
        Assert.Equal(bytes, claims.Encode());
        Assert.Equal(vector.Hex("bound_value"), HostClaims.BoundValue(bytes));
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public static void Every_proper_prefix_of_claims_and_a_byte_too_many_are_refused(string name)
    {
        byte[] bytes = Find("valid", name).Hex("hex");
        for (int length = 1; length < bytes.Length; length++)
        {
            Assert.False(HostClaims.TryParse(bytes.AsSpan(0, length), out _, out AttestationError error));
            Assert.Equal(AttestationError.BadLength, error);
        }

        Assert.False(HostClaims.TryParse([.. bytes, 0], out _, out _));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public static void Invalid_claims_are_refused_for_the_vectors_reason(string name)
    {
        JsonElement vector = Find("invalid", name);
        Assert.False(HostClaims.TryParse(vector.Hex("hex"), out _, out AttestationError error));
        Assert.Equal(vector.GetProperty("error").GetString(), error.ToString());
    }

    private static IEnumerable<string> Names(string list) => Vectors.GetProperty(list).EnumerateArray().Select(vector => vector.GetProperty("name").GetString()!);

    private static JsonElement Find(string list, string name) =>
        Vectors.GetProperty(list).EnumerateArray().Single(vector => vector.GetProperty("name").GetString() == name);
}
