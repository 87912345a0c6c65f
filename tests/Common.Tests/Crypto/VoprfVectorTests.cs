using System.Text.Json;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

/// <summary>RFC 9497 appendices A.1 and A.4: modes 0 and 1. Mode 2, the partially oblivious function, serves no token type and is not built.</summary>
public static class VoprfVectorTests
{
    public static TheoryData<string, int, int> Vectors
    {
        get
        {
            var rows = new TheoryData<string, int, int>();
            foreach (JsonElement suite in Suites())
            {
                foreach (string name in VoprfSuites.Implementations(suite.GetProperty("identifier").GetString()!))
                {
                    for (int i = 0; i < suite.GetProperty("vectors").GetArrayLength(); i++)
                        rows.Add(name, suite.GetProperty("mode").GetInt32(), i);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public static void The_key_is_derived_as_in_the_vector(string name, int mode, int index)
    {
        _ = index;
        VoprfSuite suite = VoprfSuites.Usable(name).InMode((byte)mode);
        JsonElement file = Suite(suite.Identifier, mode);
        Assert.Equal(file.Hex("groupDST"), suite.HashToGroupTag);
        using var derived = VoprfPrivateKey.Derive(suite, file.Hex("seed"), file.Hex("keyInfo"));
        using var given = VoprfPrivateKey.FromScalar(suite, file.Hex("skSm"));
        Assert.Equal(given.PublicKey, derived.PublicKey);
        if (mode == 1)
            Assert.Equal(file.Hex("pkSm"), derived.PublicKey);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public static void Every_step_gives_the_bytes_of_the_vector(string name, int mode, int index)
    {
        VoprfSuite suite = VoprfSuites.Usable(name).InMode((byte)mode);
        JsonElement file = Suite(suite.Identifier, mode);
        JsonElement vector = file.GetProperty("vectors")[index];
        using var server = VoprfPrivateKey.FromScalar(suite, file.Hex("skSm"));
        Assert.True(VoprfPublicKey.TryCreate(suite, server.PublicKey, out VoprfPublicKey? key));

        byte[][] inputs = List(vector, "Input");
        byte[] expectedOutputs = Joined(vector, "Output");
        using BlindedInputs blinded = key.Blind(inputs, Joined(vector, "Blind"));
        Assert.Equal(Joined(vector, "BlindedElement"), blinded.Bytes);

        var evaluated = new byte[blinded.Bytes.Length];
        var outputs = new byte[expectedOutputs.Length];
        if (mode == 1)
        {
            var proof = new byte[suite.ProofSize];
            Assert.True(server.TryEvaluate(blinded.Bytes, vector.GetProperty("Proof").Hex("r"), evaluated, proof));
            Assert.Equal(vector.GetProperty("Proof").Hex("proof"), proof);
            Assert.True(blinded.TryFinalize(evaluated, proof, outputs));
        }
        else
        {
            Assert.True(server.TryEvaluateUnproven(blinded.Bytes, evaluated));
            Assert.True(blinded.TryFinalizeUnproven(evaluated, outputs));
        }

        Assert.Equal(Joined(vector, "EvaluationElement"), evaluated);
        Assert.Equal(expectedOutputs, outputs);
        for (int i = 0; i < inputs.Length; i++)
            Assert.True(server.Verify(inputs[i], outputs.AsSpan(i * suite.OutputSize, suite.OutputSize)));
    }

    private static IEnumerable<JsonElement> Suites() => VectorFile.Open("rfc9497/voprf-rfc9497.json").GetProperty("suites").EnumerateArray()
        .Where(suite => suite.GetProperty("mode").GetInt32() is 0 or 1);

    private static JsonElement Suite(string identifier, int mode) =>
        Suites().Single(suite => suite.GetProperty("identifier").GetString() == identifier && suite.GetProperty("mode").GetInt32() == mode);

    private static byte[][] List(JsonElement vector, string property) => [.. vector.GetProperty(property).GetString()!.Split(',').Select(Convert.FromHexString)];

    private static byte[] Joined(JsonElement vector, string property) => [.. List(vector, property).SelectMany(bytes => bytes)];
}
