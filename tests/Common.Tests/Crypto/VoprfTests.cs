using System.Security.Cryptography;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

/// <summary>What must not pass between a VOPRF's client and server, on each suite.</summary>
public static class VoprfTests
{
    private static readonly byte[][] Inputs = [[], [1], [.. "three inputs under one proof"u8]];

    public static TheoryData<string> Suites => VoprfSuites.Names;

    [Theory]
    [MemberData(nameof(Suites))]
    public static void Blinding_changes_every_time_and_the_output_does_not(string identifier)
    {
        using VoprfPrivateKey server = Server(identifier);
        VoprfPublicKey key = Public(server);
        byte[] first = Run(server, key, out byte[] firstBlinded);
        byte[] second = Run(server, key, out byte[] secondBlinded);
        Assert.Equal(first, second);
        Assert.NotEqual(firstBlinded, secondBlinded);
        var direct = new byte[server.Suite.OutputSize];
        server.Evaluate(Inputs[2], direct);
        Assert.Equal(direct, first[^direct.Length..]);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public static void Outputs_of_many_inputs_are_those_of_each_and_only_the_wrong_ones_are_refused(string identifier)
    {
        using VoprfPrivateKey server = Server(identifier);
        int size = server.Suite.OutputSize;
        byte[][] inputs = [.. Enumerable.Range(0, 10).Select(i => new[] { (byte)i })];
        var outputs = new byte[inputs.Length * size];
        server.EvaluateAll(inputs, outputs);
        for (int i = 0; i < inputs.Length; i++)
            Assert.True(server.Verify(inputs[i], outputs.AsSpan(i * size, size)));

        outputs[(3 * size) + 1] ^= 1;
        outputs[^1] ^= 128;
        var verdicts = new bool[inputs.Length];
        server.VerifyAll(inputs, outputs, verdicts);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i is not (3 or 9)), verdicts);
        server.EvaluateAll([], []);
        Assert.Throws<ArgumentOutOfRangeException>(() => server.EvaluateAll(inputs, new byte[outputs.Length - 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => server.VerifyAll(inputs, outputs, new bool[9]));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public static void An_answer_with_one_flipped_bit_is_refused_and_leaves_nothing(string identifier)
    {
        using VoprfPrivateKey server = Server(identifier);
        using BlindedInputs blinded = Public(server).Blind(Inputs);
        (byte[] evaluated, byte[] proof) = Answer(server, blinded.Bytes);
        var outputs = new byte[Inputs.Length * server.Suite.OutputSize];
        foreach (byte[] part in new[] { evaluated, proof })
        {
            for (int bit = 0; bit < part.Length * 8; bit += 11)
            {
                part[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(blinded.TryFinalize(evaluated, proof, outputs));
                Assert.False(outputs.AsSpan().ContainsAnyExcept((byte)0));
                part[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }

        Assert.True(blinded.TryFinalize(evaluated, proof, outputs));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public static void An_answer_that_is_cut_swapped_or_of_another_key_is_refused(string identifier)
    {
        using VoprfPrivateKey server = Server(identifier);
        using VoprfPrivateKey other = Server(identifier);
        int ne = server.Suite.ElementSize;
        using BlindedInputs blinded = Public(server).Blind(Inputs);
        (byte[] evaluated, byte[] proof) = Answer(server, blinded.Bytes);
        (byte[] otherEvaluated, byte[] otherProof) = Answer(other, blinded.Bytes);
        byte[] swapped = [.. evaluated[ne..(2 * ne)], .. evaluated[..ne], .. evaluated[(2 * ne)..]];
        AssertRefused(evaluated[..^1], proof);
        AssertRefused(evaluated[ne..], proof);
        AssertRefused([.. evaluated, .. evaluated[..ne]], proof);
        AssertRefused([], proof);
        AssertRefused(evaluated, proof[..^1]);
        AssertRefused(evaluated, [.. proof, 0]);
        AssertRefused(evaluated, []);
        AssertRefused(swapped, proof);
        AssertRefused(blinded.Bytes.ToArray(), proof);
        AssertRefused(otherEvaluated, otherProof);
        AssertRefused(evaluated, otherProof);
        AssertRefused([.. evaluated[..^ne], .. otherEvaluated[^ne..]], proof);

        void AssertRefused(byte[] elements, byte[] dleq) =>
            Assert.False(blinded.TryFinalize(elements, dleq, new byte[Inputs.Length * server.Suite.OutputSize]));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public static void A_proof_of_zeros_or_of_scalars_beyond_the_order_is_refused(string identifier)
    {
        using VoprfPrivateKey server = Server(identifier);
        PrimeOrderGroup group = server.Suite.Group;
        using BlindedInputs blinded = Public(server).Blind(Inputs);
        (byte[] evaluated, byte[] proof) = Answer(server, blinded.Bytes);
        byte[] zero = new byte[group.ScalarSize];
        byte[] ones = [.. Enumerable.Repeat((byte)0xFF, group.ScalarSize)];
        byte[] c = proof[..group.ScalarSize], s = proof[group.ScalarSize..];
        foreach (byte[] bad in new byte[][] { [.. zero, .. zero], [.. c, .. zero], [.. zero, .. s], [.. ones, .. s], [.. c, .. ones] })
            Assert.False(blinded.TryFinalize(evaluated, bad, new byte[Inputs.Length * server.Suite.OutputSize]));
        Assert.False(group.IsScalar(ones));
        Assert.False(group.IsScalar([.. zero, 0]));
        Assert.True(group.IsScalar(zero));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public static void A_proof_whose_commitment_is_the_identity_is_refused(string identifier)
    {
        // s = -c * k makes s * G + c * pkS the identity: only the key's holder can, and it proves nothing.
        VoprfSuite suite = VoprfSuites.Usable(identifier);
        PrimeOrderGroup group = suite.Group;
        byte[] secret = new byte[suite.ScalarSize], c = new byte[suite.ScalarSize], s = new byte[suite.ScalarSize];
        group.RandomScalar(secret);
        group.RandomScalar(c);
        group.MultiplySubtract(new byte[suite.ScalarSize], c, secret, s);
        using var server = VoprfPrivateKey.FromScalar(suite, secret);
        using BlindedInputs blinded = Public(server).Blind(Inputs);
        (byte[] evaluated, _) = Answer(server, blinded.Bytes);
        Assert.False(blinded.TryFinalize(evaluated, [.. c, .. s], new byte[Inputs.Length * suite.OutputSize]));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public static void The_server_refuses_what_is_no_list_of_elements(string identifier)
    {
        using VoprfPrivateKey server = Server(identifier);
        int ne = server.Suite.ElementSize;
        using BlindedInputs blinded = Public(server).Blind(Inputs);
        byte[] good = blinded.Bytes.ToArray();
        AssertRefused([]);
        AssertRefused(good[..^1]);
        AssertRefused([.. good, 2]);
        AssertRefused([.. good[..ne], .. new byte[ne], .. good[(2 * ne)..]]);
        AssertRefused([.. good[..^ne], .. Enumerable.Repeat((byte)0xFF, ne)]);
        AssertRefused(new byte[(ushort.MaxValue + 1) * ne]);

        void AssertRefused(byte[] elements) => Assert.False(server.TryEvaluate(elements, new byte[elements.Length], new byte[server.Suite.ProofSize]));
    }

    [Theory]
    [InlineData("P384-SHA384", "00")]
    [InlineData("P384-SHA384", "00aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7")] // no such prefix
    [InlineData("P384-SHA384", "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7")] // uncompressed prefix
    [InlineData("P384-SHA384", "06aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7")] // hybrid prefix
    [InlineData("P384-SHA384", "03aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760a")] // one byte short
    [InlineData("P384-SHA384", "02fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff")] // x = p
    [InlineData("P384-SHA384", "02fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff000000000000000100000001")] // x = p + 2
    [InlineData("P384-SHA384", "020000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001")] // 1 - 3 + b has no root
    [InlineData("ristretto255-SHA512", "0000000000000000000000000000000000000000000000000000000000000000")] // the identity
    [InlineData("ristretto255-SHA512", "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")] // RFC 9496 appendix A.2: not canonical
    [InlineData("ristretto255-SHA512", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // not canonical
    [InlineData("ristretto255-SHA512", "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // not canonical
    [InlineData("ristretto255-SHA512", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // not canonical: p
    [InlineData("ristretto255-SHA512", "0100000000000000000000000000000000000000000000000000000000000000")] // negative
    [InlineData("ristretto255-SHA512", "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // negative
    [InlineData("ristretto255-SHA512", "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371")] // x^2 has no root
    [InlineData("ristretto255-SHA512", "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e")] // xy is negative
    [InlineData("ristretto255-SHA512", "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2df6")] // the generator with the top bit set
    [InlineData("ristretto255-SHA512", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // s = -1
    public static void Only_the_canonical_encoding_of_an_element_is_a_key(string identifier, string encoding)
    {
        Assert.False(VoprfPublicKey.TryCreate(VoprfSuites.Usable(identifier), Convert.FromHexString(encoding), out VoprfPublicKey? key));
        Assert.Null(key);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public static void Random_bytes_are_an_element_only_where_they_come_back_the_same(string identifier)
    {
        PrimeOrderGroup group = VoprfSuites.Usable(identifier).Group;
        var random = new Random(41);
        int decoded = 0;
        for (int i = 0; i < 300; i++)
        {
            var bytes = new byte[group.ElementSize];
            random.NextBytes(bytes);
            if (group.ElementSize == P384Point.CompressedSize)
                bytes[0] = (byte)(2 + (bytes[0] & 1));
            using GroupElements? element = group.TryDecode(bytes);
            if (element is null)
                continue;
            var again = new byte[bytes.Length];
            element.Encode(again);
            Assert.Equal(bytes, again);
            decoded++;
        }

        Assert.InRange(decoded, 5, 295);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public static void The_inverses_of_a_list_are_those_of_its_members(string identifier)
    {
        PrimeOrderGroup group = VoprfSuites.Usable(identifier).Group;
        int ns = group.ScalarSize;
        var scalars = new byte[7 * ns];
        for (int i = 0; i < 7; i++)
            group.RandomScalar(scalars.AsSpan(i * ns, ns));
        var together = new byte[scalars.Length];
        group.Invert(scalars, together);
        var zero = new byte[ns];
        var expected = new byte[ns];
        var product = new byte[ns];
        for (int i = 0; i < 7; i++)
        {
            group.Invert(scalars.AsSpan(i * ns, ns), expected);
            Assert.Equal(expected, together.AsSpan(i * ns, ns));

            // 0 - s * 1/s is -1 for every s.
            group.MultiplySubtract(zero, scalars.AsSpan(i * ns, ns), expected, product);
            group.MultiplySubtract(zero, product, product, product);
            group.Invert(product, expected);
            Assert.Equal(product, expected);
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public static void A_seed_gives_the_same_key_and_another_info_another(string identifier)
    {
        VoprfSuite suite = VoprfSuites.Usable(identifier);
        byte[] seed = RandomNumberGenerator.GetBytes(suite.ScalarSize);
        using var first = VoprfPrivateKey.Derive(suite, seed, "one"u8);
        using var same = VoprfPrivateKey.Derive(suite, seed, "one"u8);
        using var other = VoprfPrivateKey.Derive(suite, seed, "two"u8);
        Assert.Equal(first.PublicKey, same.PublicKey);
        Assert.NotEqual(first.PublicKey.ToArray(), other.PublicKey.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => VoprfPrivateKey.Derive(suite, new byte[31], []));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public static void What_was_disposed_is_of_no_more_use(string identifier)
    {
        VoprfPrivateKey server = Server(identifier);
        BlindedInputs blinded = Public(server).Blind(Inputs);
        (byte[] evaluated, byte[] proof) = Answer(server, blinded.Bytes);
        server.Dispose();
        blinded.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Answer(server, blinded.Bytes));
        Assert.Throws<ObjectDisposedException>(() => server.Verify([1], new byte[server.Suite.OutputSize]));
        Assert.Throws<ObjectDisposedException>(() => blinded.TryFinalize(evaluated, proof, new byte[Inputs.Length * server.Suite.OutputSize]));
    }

    [Fact]
    public static void P384_says_what_is_missing_on_the_portable_back_end() => PortableBackend.Instance.Run(() =>
    {
        Assert.Contains("libssl3", VoprfSuite.P384Sha384.Missing, StringComparison.Ordinal);
        Assert.Throws<PlatformNotSupportedException>(() => VoprfPrivateKey.Derive(VoprfSuite.P384Sha384, new byte[48], []));
    });

    private static VoprfPrivateKey Server(string identifier) =>
        VoprfPrivateKey.Derive(VoprfSuites.Usable(identifier), RandomNumberGenerator.GetBytes(32), "test"u8);

    private static VoprfPublicKey Public(VoprfPrivateKey server)
    {
        Assert.True(VoprfPublicKey.TryCreate(server.Suite, server.PublicKey, out VoprfPublicKey? key));
        return key;
    }

    private static (byte[] Evaluated, byte[] Proof) Answer(VoprfPrivateKey server, ReadOnlySpan<byte> blinded)
    {
        var evaluated = new byte[blinded.Length];
        var proof = new byte[server.Suite.ProofSize];
        Assert.True(server.TryEvaluate(blinded, evaluated, proof));
        return (evaluated, proof);
    }

    private static byte[] Run(VoprfPrivateKey server, VoprfPublicKey key, out byte[] blindedBytes)
    {
        using BlindedInputs blinded = key.Blind(Inputs);
        blindedBytes = blinded.Bytes.ToArray();
        (byte[] evaluated, byte[] proof) = Answer(server, blinded.Bytes);
        var outputs = new byte[Inputs.Length * server.Suite.OutputSize];
        Assert.True(blinded.TryFinalize(evaluated, proof, outputs));
        return outputs;
    }
}
