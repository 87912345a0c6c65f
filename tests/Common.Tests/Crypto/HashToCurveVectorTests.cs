using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

/// <summary>RFC 9380 appendices J.3 (P-384) and K.3 (expand_message_xmd with SHA-512).</summary>
public static class HashToCurveVectorTests
{
    public static TheoryData<int> Points => new(Enumerable.Range(0, P384().GetProperty("vectors").GetArrayLength()));

    public static TheoryData<string, int> Hashes => new(
        from name in VoprfSuites.Implementations("P384-SHA384") from index in Enumerable.Range(0, P384().GetProperty("vectors").GetArrayLength()) select (name, index));

    public static TheoryData<int> Expansions => new(Enumerable.Range(0, Expander().GetProperty("vectors").GetArrayLength()));

    [Theory]
    [MemberData(nameof(Points))]
    public static void Both_mapped_points_are_those_of_the_vector(int index)
    {
        JsonElement vector = P384().GetProperty("vectors")[index];
        var uniform = new byte[144];
        ExpandMessage.Xmd(HashAlgorithmName.SHA384, 48, Text(vector, "msg"), Text(P384(), "dst"), uniform);
        var elements = new Residue384<P384Prime>[2];
        foreach (int half in new[] { 0, 1 })
        {
            var u = new byte[48];
            elements[half] = Residue384<P384Prime>.ReduceWide(uniform.AsSpan(half * 72, 72));
            elements[half].Write(u);
            Assert.Equal(Number(vector.GetProperty("u")[half]), u);
        }

        var points = new P384Point[2];
        P384Map.Map(elements, points, Powers);
        Assert.Equal(Point(vector.GetProperty("Q0")), Uncompressed(points[0]));
        Assert.Equal(Point(vector.GetProperty("Q1")), Uncompressed(points[1]));
    }

    [Theory]
    [MemberData(nameof(Hashes))]
    public static void The_hash_is_the_point_of_the_vector(string name, int index)
    {
        PrimeOrderGroup group = VoprfSuites.Usable(name).Group;
        JsonElement vector = P384().GetProperty("vectors")[index];
        using GroupElements hashed = group.HashToGroup([Text(vector, "msg")], Text(P384(), "dst"));
        var compressed = new byte[49];
        hashed.Encode(compressed);
        var points = new P384Point[1];
        Assert.True(P384Map.TryDecompress(compressed, points, Powers));
        Assert.Equal(Point(vector.GetProperty("P")), Uncompressed(points[0]));
    }

    [Theory]
    [MemberData(nameof(Expansions))]
    public static void The_expanded_message_is_that_of_the_vector(int index)
    {
        JsonElement vector = Expander().GetProperty("vectors")[index];
        byte[] expected = vector.Hex("uniform_bytes");
        Assert.Equal(Convert.ToInt32(vector.GetProperty("len_in_bytes").GetString(), 16), expected.Length);
        var uniform = new byte[expected.Length];
        ExpandMessage.Xmd(HashAlgorithmName.SHA512, 64, Text(vector, "msg"), Text(Expander(), "DST"), uniform);
        Assert.Equal(expected, uniform);
    }

    [Fact]
    public static void A_tag_or_an_output_that_the_document_does_not_allow_is_the_callers_mistake()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ExpandMessage.Xmd(HashAlgorithmName.SHA384, 48, [], new byte[256], new byte[48]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExpandMessage.Xmd(HashAlgorithmName.SHA384, 48, [], [], new byte[(255 * 48) + 1]));
    }

    private static void Powers(Span<Residue384<P384Prime>> numbers, ReadOnlySpan<byte> exponent)
    {
        foreach (ref Residue384<P384Prime> number in numbers)
            number = number.Power(exponent);
    }

    private static byte[] Uncompressed(P384Point point)
    {
        var bytes = new byte[97];
        point.WriteUncompressed(bytes);
        return bytes;
    }

    private static JsonElement P384() => VectorFile.Open("rfc9380/hash-to-curve-rfc9380.json").GetProperty("p384");

    private static JsonElement Expander() => VectorFile.Open("rfc9380/hash-to-curve-rfc9380.json").GetProperty("expand_message_xmd_sha512");

    private static byte[] Text(JsonElement element, string property) => Encoding.ASCII.GetBytes(element.GetProperty(property).GetString()!);

    private static byte[] Number(JsonElement number) => Convert.FromHexString(number.GetString()![2..]);

    private static byte[] Point(JsonElement point) => [4, .. Number(point.GetProperty("x")), .. Number(point.GetProperty("y"))];
}
