using System.Security.Cryptography;
using System.Text;

namespace Veil.Crypto;

/// <summary>A verifiable oblivious pseudorandom function (RFC 9497, mode 1): the sizes of its structures, and the steps that both sides share.</summary>
public sealed class VoprfSuite
{
    private readonly Func<PrimeOrderGroup?> _find;
    private readonly Func<string?> _missing;

    private VoprfSuite(
        string identifier, byte mode, HashAlgorithmName hash, (int Ne, int Ns, int Nh) sizes, Func<PrimeOrderGroup?> find, Func<string?> missing)
    {
        Identifier = identifier;
        Hash = hash;
        (ElementSize, ScalarSize, OutputSize) = sizes;
        _find = find;
        _missing = missing;
        Mode = mode;
        HashToGroupTag = Tag("HashToGroup-");
        HashToScalarTag = Tag("HashToScalar-");
        DeriveKeyPairTag = Tag("DeriveKeyPair");
        SeedTag = Tag("Seed-");
    }

    /// <summary>P384-SHA384 (section 4.4), where libcrypto is loaded.</summary>
    public static VoprfSuite P384Sha384 { get; } = new(
        "P384-SHA384", 1, HashAlgorithmName.SHA384, (49, 48, 48), () => P384Group.Instance, P384Missing);

    /// <summary>ristretto255-SHA512 (section 4.1), on libsodium.</summary>
    public static VoprfSuite Ristretto255Sha512 { get; } = new(
        "ristretto255-SHA512", 1, HashAlgorithmName.SHA512, (32, 32, 64), () => Ristretto255Group.Instance, Ristretto255Missing);

    /// <summary>The document's name of the suite.</summary>
    public string Identifier { get; }

    /// <summary>Ne: an element, and thereby a public key, a blinded or an evaluated element, in bytes.</summary>
    public int ElementSize { get; }

    /// <summary>Ns: a scalar in bytes.</summary>
    public int ScalarSize { get; }

    /// <summary>Nh: the function's output in bytes.</summary>
    public int OutputSize { get; }

    /// <summary>A proof in bytes, however many evaluations it covers.</summary>
    public int ProofSize => 2 * ScalarSize;

    /// <summary>Null where this process can calculate, else one sentence for its operator about what is missing.</summary>
    public string? Missing => _missing();

    /// <summary>modeOPRF or modeVOPRF.</summary>
    internal byte Mode { get; }

    internal HashAlgorithmName Hash { get; }

    internal byte[] HashToGroupTag { get; }

    internal byte[] HashToScalarTag { get; }

    internal byte[] DeriveKeyPairTag { get; }

    internal byte[] SeedTag { get; }

    /// <summary>The group.</summary>
    /// <exception cref="PlatformNotSupportedException">Something is <see cref="Missing"/>.</exception>
    internal PrimeOrderGroup Group => Missing is { } reason ? throw new PlatformNotSupportedException(reason) : _find()!;

    /// <summary>The suite's identifier.</summary>
    public override string ToString() => Identifier;

    /// <summary>The same suite in another mode, for the vectors of mode 0.</summary>
    internal VoprfSuite InMode(byte mode) => new(Identifier, mode, Hash, (ElementSize, ScalarSize, OutputSize), _find, _missing);

    /// <summary>The same suite on one of the implementations of its group.</summary>
    internal VoprfSuite On(PrimeOrderGroup group) => new(Identifier, Mode, Hash, (ElementSize, ScalarSize, OutputSize), () => group, () => null);

    /// <summary>Finalize's hash (section 3.3.1): <c>len2 input | len2 N | "Finalize"</c>.</summary>
    /// <param name="input">The function's input, at most 65,535 bytes.</param>
    /// <param name="element">N, serialized.</param>
    /// <param name="output">Nh bytes.</param>
    internal void WriteOutput(ReadOnlySpan<byte> input, ReadOnlySpan<byte> element, Span<byte> output)
    {
        var transcript = new byte[2 + input.Length + 2 + element.Length + "Finalize"u8.Length];
        var writer = new Transcript(transcript);
        writer.AppendVector(input);
        writer.AppendVector(element);
        writer.Append("Finalize"u8);
        CryptographicOperations.HashData(Hash, transcript, output[..OutputSize]);
        CryptographicOperations.ZeroMemory(transcript);
    }

    /// <summary>A domain separation tag: contextString behind a name (section 3.1).</summary>
    private byte[] Tag(string name) => [.. Encoding.ASCII.GetBytes(name), .. "OPRFV1-"u8, Mode, .. Encoding.ASCII.GetBytes($"-{Identifier}")];

    private static string? P384Missing() =>
        CryptoBackend.Current is not LibcryptoBackend ? "P-384 needs OpenSSL 3's libcrypto: install libssl3 and do not set VEIL_CRYPTO=portable."
        : P384Group.Instance is null ? "P-384 needs EC_POINTs_mul of OpenSSL 3's libcrypto, and this libcrypto lacks it or calculates wrongly: install Debian's libssl3."
        : null;

    private static string? Ristretto255Missing() =>
        Ristretto255Group.Instance is null ? "ristretto255 needs libsodium 1.0.18 or later: install Debian's libsodium23." : null;
}
