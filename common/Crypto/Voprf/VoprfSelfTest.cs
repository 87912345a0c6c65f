namespace Veil.Crypto;

/// <summary>Known answers that a group must give before it is used: the first evaluations of RFC 9497 appendices A.1.1 and A.4.1, and one sum.</summary>
internal static class VoprfSelfTest
{
    /// <summary>True when the group gives them.</summary>
    /// <param name="group">Which.</param>
    /// <param name="places">How many elements to calculate with at once: enough to reach every place that the group calculates in.</param>
    internal static bool Passes(PrimeOrderGroup group, int places = 1) => group.ScalarSize == Ristretto255Group.Size
        ? Evaluates(
            group,
            places,
            "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e",
            "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c",
            "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e")
        : Evaluates(
            group,
            places,
            "dfe7ddc41a4646901184f2b432616c8ba6d452f9bcd0c4f75a5150ef2b2ed02ef40b8b92f60ae591bcabd72a6518f188",
            "02a36bc90e6db34096346eaf8b7bc40ee1113582155ad3797003ce614c835a874343701d3f2debbd80d97cbe45de6e5f1f",
            "03af2a4fc94770d7a7bf3187ca9cc4faf3732049eded2442ee50fbddda58b70ae2999366f72498cdbc43e6f2fc184afe30");

    private static bool Evaluates(PrimeOrderGroup group, int places, string key, string blinded, string evaluated)
    {
        byte[] scalar = Convert.FromHexString(key);
        byte[] expected = Convert.FromHexString(evaluated);
        byte[] found = new byte[places * group.ElementSize];
        using GroupElements? elements = group.TryDecode(Repeat(Convert.FromHexString(blinded), places));
        if (elements is null)
            return false;

        using GroupElements products = elements.Multiply(scalar);
        products.Encode(found);
        if (!found.AsSpan().SequenceEqual(Repeat(expected, places)))
            return false;

        // k * B + (-1) * kB is the identity, with -1 = 0 - k * 1/k; and 0 * B + k * B is kB.
        byte[] zero = new byte[group.ScalarSize];
        byte[] minusOne = new byte[group.ScalarSize];
        group.Invert(scalar, minusOne);
        group.MultiplySubtract(zero, scalar, minusOne, minusOne);
        if (group.Combine([.. Repeat(scalar, places), .. Repeat(minusOne, places)], elements, products) is not null)
            return false;

        using GroupElements? sum = group.Combine([.. Repeat(zero, (2 * places) - 1), .. scalar], elements, elements);
        sum?.Encode(found);
        return sum is not null && found.AsSpan(0, expected.Length).SequenceEqual(expected);
    }

    private static byte[] Repeat(byte[] bytes, int count) => [.. Enumerable.Repeat(bytes, count).SelectMany(each => each)];
}
