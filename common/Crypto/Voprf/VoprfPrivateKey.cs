using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// A server's key of a VOPRF (RFC 9497 section 3.3.2): evaluates what clients blinded, with a proof. One key serves many threads; it gives its secret to
/// nobody. Each evaluation of a chosen element is an oracle (section 7.2.3), so that a key is to be followed by another after some time.
/// </summary>
public sealed class VoprfPrivateKey : IDisposable
{
    /// <summary>Shortest seed of a key, in bytes.</summary>
    public const int MinSeedSize = 32;

    private readonly byte[] _secret;
    private readonly byte[] _publicKey;
    private bool _disposed;

    private VoprfPrivateKey(VoprfSuite suite, byte[] secret)
    {
        Suite = suite;
        _secret = secret;
        _publicKey = new byte[suite.ElementSize];
        using GroupElements publicKey = suite.Group.Generator.Multiply(secret);
        publicKey.Encode(_publicKey);
    }

    /// <summary>The suite.</summary>
    public VoprfSuite Suite { get; }

    /// <summary>pkS, serialized.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>DeriveKeyPair (section 3.2.1).</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="seed">Random bytes, at least 32: the caller keeps and erases them.</param>
    /// <param name="info">Public bytes that keep keys for different uses apart, at most 65,535.</param>
    /// <exception cref="ArgumentException">The seed is too short or the info too long.</exception>
    /// <exception cref="CryptographicException">The seed leads to no key, which no seed is known to do.</exception>
    /// <exception cref="PlatformNotSupportedException">Something is <see cref="VoprfSuite.Missing"/>.</exception>
    public static VoprfPrivateKey Derive(VoprfSuite suite, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> info)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentOutOfRangeException.ThrowIfLessThan(seed.Length, MinSeedSize, nameof(seed));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(info.Length, ushort.MaxValue, nameof(info));
        var input = new byte[seed.Length + 2 + info.Length + 1];
        var writer = new Transcript(input);
        writer.Append(seed);
        writer.AppendVector(info);
        var secret = new byte[suite.ScalarSize];
        try
        {
            for (int counter = 0; counter <= byte.MaxValue; counter++)
            {
                input[^1] = (byte)counter;
                suite.Group.HashToScalar(input, suite.DeriveKeyPairTag, secret);
                if (!PrimeOrderGroup.IsZero(secret))
                    return new(suite, secret);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }

        throw new CryptographicException("This seed leads to no key.");
    }

    /// <summary>The key with the scalar of a test vector.</summary>
    internal static VoprfPrivateKey FromScalar(VoprfSuite suite, byte[] secret) => new(suite, [.. secret]);

    /// <summary>BlindEvaluate of one or more elements with one proof over all, which costs as much as some four elements more.</summary>
    /// <param name="blinded">Untrusted; the blinded elements, concatenated. The caller bounds them: each costs a scalar multiplication.</param>
    /// <param name="evaluated">The evaluated elements in the same order, as long as <paramref name="blinded"/>.</param>
    /// <param name="proof">Exactly <see cref="VoprfSuite.ProofSize"/> bytes.</param>
    /// <returns>False, with nothing written, when there is no element, one too many (65,535), or one that does not decode.</returns>
    public bool TryEvaluate(ReadOnlySpan<byte> blinded, Span<byte> evaluated, Span<byte> proof)
    {
        Span<byte> nonce = stackalloc byte[Suite.ScalarSize];
        Suite.Group.RandomScalar(nonce);
        bool done = TryEvaluate(blinded, nonce, evaluated, proof);
        CryptographicOperations.ZeroMemory(nonce);
        return done;
    }

    /// <summary>BlindEvaluate with the r of a test vector.</summary>
    internal bool TryEvaluate(ReadOnlySpan<byte> blinded, ReadOnlySpan<byte> nonce, Span<byte> evaluated, Span<byte> proof)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(evaluated.Length, blinded.Length, nameof(evaluated));
        ArgumentOutOfRangeException.ThrowIfNotEqual(proof.Length, Suite.ProofSize, nameof(proof));
        if (blinded.Length / Suite.ElementSize > DleqProof.MaxElements)
            return false;

        using GroupElements? elements = Suite.Group.TryDecode(blinded);
        if (elements is null)
            return false;

        Span<byte> secret = stackalloc byte[Suite.ScalarSize];
        CopySecret(secret);
        using GroupElements products = elements.Multiply(secret);
        products.Encode(evaluated);
        DleqProof.Write(Suite, secret, _publicKey, elements, blinded, evaluated, nonce, proof);
        CryptographicOperations.ZeroMemory(secret);
        return true;
    }

    /// <summary>BlindEvaluate without a proof (section 3.3.1), for the vectors of mode 0.</summary>
    internal bool TryEvaluateUnproven(ReadOnlySpan<byte> blinded, Span<byte> evaluated)
    {
        using GroupElements? elements = Suite.Group.TryDecode(blinded);
        using GroupElements? products = elements?.Multiply(_secret);
        products?.Encode(evaluated);
        return products is not null;
    }

    /// <summary>Evaluate: the function itself, <paramref name="output"/> of <see cref="VoprfSuite.OutputSize"/> bytes.</summary>
    public void Evaluate(byte[] input, Span<byte> output)
    {
        ArgumentNullException.ThrowIfNull(input);
        EvaluateAll([input], output);
    }

    /// <summary>Evaluate of each input, together: on P-384 four cost as much as one.</summary>
    /// <param name="inputs">The caller bounds them: each costs a scalar multiplication.</param>
    /// <param name="outputs">As many outputs, concatenated.</param>
    public void EvaluateAll(ReadOnlySpan<byte[]> inputs, Span<byte> outputs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputs.Length, inputs.Length * Suite.OutputSize, nameof(outputs));
        Span<byte> secret = stackalloc byte[Suite.ScalarSize];
        var encoded = new byte[inputs.Length * Suite.ElementSize];
        CopySecret(secret);
        using GroupElements hashed = Suite.Group.HashToGroup(inputs, Suite.HashToGroupTag);
        using (GroupElements evaluated = hashed.Multiply(secret))
            evaluated.Encode(encoded);
        for (int i = 0; i < inputs.Length; i++)
            Suite.WriteOutput(inputs[i], encoded.AsSpan(i * Suite.ElementSize, Suite.ElementSize), outputs.Slice(i * Suite.OutputSize, Suite.OutputSize));
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(encoded);
    }

    /// <summary>True when <paramref name="output"/> is the function's output, compared in constant time.</summary>
    public bool Verify(byte[] input, ReadOnlySpan<byte> output)
    {
        Span<byte> expected = stackalloc byte[Suite.OutputSize];
        Evaluate(input, expected);
        bool same = CryptographicOperations.FixedTimeEquals(expected, output);
        CryptographicOperations.ZeroMemory(expected);
        return same;
    }

    /// <summary>Says of each input whether its output is the function's: <see cref="Verify"/> of all, together.</summary>
    /// <param name="inputs">The caller bounds them.</param>
    /// <param name="outputs">As many outputs, concatenated.</param>
    /// <param name="verdicts">As many answers.</param>
    public void VerifyAll(ReadOnlySpan<byte[]> inputs, ReadOnlySpan<byte> outputs, Span<bool> verdicts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputs.Length, inputs.Length * Suite.OutputSize, nameof(outputs));
        ArgumentOutOfRangeException.ThrowIfNotEqual(verdicts.Length, inputs.Length, nameof(verdicts));
        var expected = new byte[outputs.Length];
        EvaluateAll(inputs, expected);
        for (int i = 0; i < verdicts.Length; i++)
        {
            int start = i * Suite.OutputSize;
            verdicts[i] = CryptographicOperations.FixedTimeEquals(expected.AsSpan(start, Suite.OutputSize), outputs.Slice(start, Suite.OutputSize));
        }

        CryptographicOperations.ZeroMemory(expected);
    }

    /// <summary>Erases the secret; calls that are under way have a copy of their own, and erase it.</summary>
    public void Dispose()
    {
        lock (_secret)
        {
            _disposed = true;
            CryptographicOperations.ZeroMemory(_secret);
        }
    }

    /// <summary>The suite alone.</summary>
    public override string ToString() => $"{Suite} key";

    private void CopySecret(Span<byte> copy)
    {
        lock (_secret)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _secret.CopyTo(copy);
        }
    }
}
