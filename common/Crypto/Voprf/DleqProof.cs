using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// The proof that one key evaluated all elements (RFC 9497 section 2.2): <c>c(Ns) | s(Ns)</c>. Lists of elements are given in both forms, since decoding
/// a point costs many times what hashing it does.
/// </summary>
internal static class DleqProof
{
    /// <summary>Most elements under one proof: their index has two bytes.</summary>
    public const int MaxElements = ushort.MaxValue;

    /// <summary>GenerateProof with the secret key, whose composites need one multiplication less (ComputeCompositesFast).</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="key">skS.</param>
    /// <param name="publicKey">pkS, serialized.</param>
    /// <param name="blinded">C.</param>
    /// <param name="blindedBytes">C, serialized.</param>
    /// <param name="evaluatedBytes">D, serialized.</param>
    /// <param name="nonce">r, fresh for every proof: two proofs with one r give the key away.</param>
    /// <param name="proof">2 Ns bytes.</param>
    /// <exception cref="CryptographicException">The composite is the identity, which no sender of elements can bring about.</exception>
    public static void Write(
        VoprfSuite suite,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> publicKey,
        GroupElements blinded,
        ReadOnlySpan<byte> blindedBytes,
        ReadOnlySpan<byte> evaluatedBytes,
        ReadOnlySpan<byte> nonce,
        Span<byte> proof)
    {
        PrimeOrderGroup group = suite.Group;
        using GroupElements m = group.Combine(Weights(suite, publicKey, blindedBytes, evaluatedBytes), blinded)
            ?? throw new CryptographicException("The composite of a proof is the identity.");

        // M, Z = k * M, t2 = r * G and t3 = r * M, in one multiplication of all.
        byte[] elements = new byte[4 * suite.ElementSize];
        byte[] scalars = [.. key, .. nonce, .. nonce];
        m.Encode(elements);
        group.Multiply(scalars, elements.AsSpan(suite.ElementSize), m, group.Generator, m);
        CryptographicOperations.ZeroMemory(scalars);
        Span<byte> c = proof[..suite.ScalarSize];
        WriteChallenge(suite, publicKey, elements, c);
        group.MultiplySubtract(nonce, c, key, proof[suite.ScalarSize..suite.ProofSize]);
    }

    /// <summary>VerifyProof: true when the holder of the public key's secret evaluated every element.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="publicKey">pkS, serialized.</param>
    /// <param name="blinded">C.</param>
    /// <param name="blindedBytes">C, serialized.</param>
    /// <param name="evaluated">D, as many.</param>
    /// <param name="evaluatedBytes">D, serialized.</param>
    /// <param name="proof">Untrusted.</param>
    public static bool Verify(
        VoprfSuite suite,
        ReadOnlySpan<byte> publicKey,
        GroupElements blinded,
        ReadOnlySpan<byte> blindedBytes,
        GroupElements evaluated,
        ReadOnlySpan<byte> evaluatedBytes,
        ReadOnlySpan<byte> proof)
    {
        PrimeOrderGroup group = suite.Group;
        int size = suite.ScalarSize;
        if (proof.Length != suite.ProofSize || !group.IsScalar(proof[..size]) || !group.IsScalar(proof[size..]))
            return false;

        byte[] weights = Weights(suite, publicKey, blindedBytes, evaluatedBytes);
        byte[] factors = [.. proof[size..], .. proof[..size]];
        using GroupElements? m = group.Combine(weights, blinded);
        using GroupElements? z = group.Combine(weights, evaluated);
        using GroupElements? key = group.TryDecode(publicKey);
        if (m is null || z is null || key is null)
            return false;

        // t2 = s * G + c * pkS; t3 = s * M + c * Z. In a true proof they are r * G and r * M with r other than 0.
        using GroupElements? t2 = group.Combine(factors, group.Generator, key);
        using GroupElements? t3 = group.Combine(factors, m, z);
        if (t2 is null || t3 is null)
            return false;

        int ne = suite.ElementSize;
        var elements = new byte[4 * ne];
        m.Encode(elements);
        z.Encode(elements.AsSpan(ne));
        t2.Encode(elements.AsSpan(2 * ne));
        t3.Encode(elements.AsSpan(3 * ne));
        Span<byte> c = stackalloc byte[size];
        WriteChallenge(suite, publicKey, elements, c);
        return CryptographicOperations.FixedTimeEquals(c, proof[..size]);
    }

    /// <summary>The d_i of ComputeComposites (section 2.2.1).</summary>
    private static byte[] Weights(VoprfSuite suite, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> blinded, ReadOnlySpan<byte> evaluated)
    {
        int ne = suite.ElementSize;
        var seedTranscript = new byte[2 + ne + 2 + suite.SeedTag.Length];
        var seedWriter = new Transcript(seedTranscript);
        seedWriter.AppendVector(publicKey);
        seedWriter.AppendVector(suite.SeedTag);
        Span<byte> seed = stackalloc byte[suite.OutputSize];
        CryptographicOperations.HashData(suite.Hash, seedTranscript, seed);

        int count = blinded.Length / ne;
        var weights = new byte[count * suite.ScalarSize];
        var transcript = new byte[2 + seed.Length + 2 + (2 * (2 + ne)) + "Composite"u8.Length];
        for (int i = 0; i < count; i++)
        {
            var writer = new Transcript(transcript);
            writer.AppendVector(seed);
            writer.AppendNumber(i);
            writer.AppendVector(blinded.Slice(i * ne, ne));
            writer.AppendVector(evaluated.Slice(i * ne, ne));
            writer.Append("Composite"u8);
            suite.Group.HashToScalar(transcript, suite.HashToScalarTag, weights.AsSpan(i * suite.ScalarSize, suite.ScalarSize));
        }

        return weights;
    }

    /// <summary>The challenge over M, Z, t2 and t3, serialized one behind the other.</summary>
    private static void WriteChallenge(VoprfSuite suite, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> elements, Span<byte> challenge)
    {
        int ne = suite.ElementSize;
        var transcript = new byte[(5 * (2 + ne)) + "Challenge"u8.Length];
        var writer = new Transcript(transcript);
        writer.AppendVector(publicKey);
        for (int start = 0; start < elements.Length; start += ne)
            writer.AppendVector(elements.Slice(start, ne));

        writer.Append("Challenge"u8);
        suite.Group.HashToScalar(transcript, suite.HashToScalarTag, challenge);
    }
}
