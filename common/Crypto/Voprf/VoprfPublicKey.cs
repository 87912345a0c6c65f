using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>A server's public key, with which clients blind inputs and check what comes back (RFC 9497 section 3.3.2). Safe for use by many threads.</summary>
public sealed class VoprfPublicKey
{
    private readonly byte[] _encoding;

    private VoprfPublicKey(VoprfSuite suite, byte[] encoding)
    {
        Suite = suite;
        _encoding = encoding;
    }

    /// <summary>The suite.</summary>
    public VoprfSuite Suite { get; }

    /// <summary>pkS, serialized.</summary>
    public ReadOnlySpan<byte> Encoding => _encoding;

    /// <summary>Takes a key from a peer: one canonical element that is not the identity.</summary>
    /// <exception cref="PlatformNotSupportedException">Something is <see cref="VoprfSuite.Missing"/>.</exception>
    public static bool TryCreate(VoprfSuite suite, ReadOnlySpan<byte> encoding, [NotNullWhen(true)] out VoprfPublicKey? key)
    {
        ArgumentNullException.ThrowIfNull(suite);
        using GroupElements? element = encoding.Length == suite.ElementSize ? suite.Group.TryDecode(encoding) : null;
        key = element is null ? null : new(suite, encoding.ToArray());
        return key is not null;
    }

    /// <summary>Blind of one or more inputs, each with a fresh scalar.</summary>
    /// <param name="inputs">At most 65,535 bytes each.</param>
    public BlindedInputs Blind(params ReadOnlySpan<byte[]> inputs)
    {
        var blinds = new byte[inputs.Length * Suite.ScalarSize];
        for (int i = 0; i < inputs.Length; i++)
            Suite.Group.RandomScalar(blinds.AsSpan(i * Suite.ScalarSize, Suite.ScalarSize));
        return Blind(inputs, blinds);
    }

    /// <summary>Blind with the scalars of a test vector.</summary>
    internal BlindedInputs Blind(ReadOnlySpan<byte[]> inputs, byte[] blinds)
    {
        var bytes = new byte[inputs.Length * Suite.ElementSize];
        using GroupElements hashed = Suite.Group.HashToGroup(inputs, Suite.HashToGroupTag);
        using GroupElements blinded = hashed.Multiply(blinds);
        blinded.Encode(bytes);
        return new(this, inputs.ToArray(), blinds, bytes);
    }
}
