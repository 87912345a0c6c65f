using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>The public key (n, e) of a blind signer (RFC 9474): blinds messages and verifies signatures. Safe for use by many threads.</summary>
public sealed class BlindRsaPublicKey
{
    /// <summary>Smallest accepted modulus in bits: below it RSA is breakable, and the issuance type in use has 2048.</summary>
    public const int MinModulusBits = 2048;

    /// <summary>Largest accepted modulus in bits: the size of RFC 9474's own vectors; beyond it verification becomes a way to burn a peer's CPU.</summary>
    public const int MaxModulusBits = 4096;

    private readonly byte[] _modulus;
    private readonly int _modulusBits;
    private readonly RsaArithmetic _arithmetic;

    internal BlindRsaPublicKey(byte[] modulus, RsaArithmetic arithmetic)
    {
        _modulus = modulus;
        _modulusBits = (modulus.Length * 8) - (BitOperations.LeadingZeroCount(modulus[0]) - 24);
        _arithmetic = arithmetic;
    }

    /// <summary>Length k of the modulus, and of every blinded message, blind signature and signature, in bytes.</summary>
    public int ModulusSize => _modulus.Length;

    /// <summary>The modulus n, big-endian without leading zeros.</summary>
    public ReadOnlySpan<byte> Modulus => _modulus;

    /// <summary>Takes a public key from a peer.</summary>
    /// <param name="modulus">Big-endian without leading zeros, odd, <see cref="MinModulusBits"/> to <see cref="MaxModulusBits"/> bits.</param>
    /// <param name="exponent">Big-endian without leading zeros; 65537 is the one exponent accepted.</param>
    /// <param name="key">The key, or null when a rule above is broken.</param>
    public static bool TryCreate(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, [NotNullWhen(true)] out BlindRsaPublicKey? key)
    {
        key = IsAcceptable(modulus, exponent) ? new(modulus.ToArray(), RsaArithmetic.Create(modulus, exponent)) : null;
        return key is not null;
    }

    /// <summary>RSASSA-PSS-VERIFY (RFC 8017 section 8.1.2) with the variant's exact salt length. False for any signature that is not valid, whatever its length.</summary>
    public bool Verify(BlindRsaVariant variant, ReadOnlySpan<byte> inputMessage, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(variant);
        if (!IsBelowModulus(signature))
            return false;

        Span<byte> encoded = stackalloc byte[ModulusSize];
        _arithmetic.Encrypt(signature, encoded);
        return EmsaPss.Verify(inputMessage, encoded, variant.SaltSize, EncodedBits);
    }

    /// <summary>
    /// Blind (RFC 9474 section 4.2) with fresh salt and blind; <paramref name="inputMessage"/> is what <see cref="BlindRsaVariant.Prepare"/> gave.
    /// </summary>
    /// <returns>False when the key turned out to be one with which no blinding is possible (a factor of n divides an input).</returns>
    public bool TryBlind(BlindRsaVariant variant, ReadOnlySpan<byte> inputMessage, [NotNullWhen(true)] out BlindedMessage? blinded)
    {
        bool possible = TryBlind(variant, [inputMessage.ToArray()], out BlindedMessage[]? messages);
        blinded = possible ? messages![0] : null;
        return possible;
    }

    /// <summary>The same for several messages at once, which costs a third less each.</summary>
    public bool TryBlind(BlindRsaVariant variant, ReadOnlySpan<byte[]> inputMessages, [NotNullWhen(true)] out BlindedMessage[]? blinded)
    {
        ArgumentNullException.ThrowIfNull(variant);
        var salts = new byte[inputMessages.Length * variant.SaltSize];
        var blinds = new byte[inputMessages.Length * ModulusSize];
        RandomNumberGenerator.Fill(salts);
        for (int i = 0; i < inputMessages.Length; i++)
            FillBelowModulus(blinds.AsSpan(i * ModulusSize, ModulusSize));
        bool possible = TryBlind(variant, inputMessages, salts, blinds, out blinded);
        CryptographicOperations.ZeroMemory(salts);
        CryptographicOperations.ZeroMemory(blinds);
        return possible;
    }

    /// <summary>Blind with the salt and r of a test vector.</summary>
    internal bool TryBlind(
        BlindRsaVariant variant, ReadOnlySpan<byte> inputMessage, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> r, [NotNullWhen(true)] out BlindedMessage? blinded)
    {
        bool possible = TryBlind(variant, [inputMessage.ToArray()], salt, r, out BlindedMessage[]? messages);
        blinded = possible ? messages![0] : null;
        return possible;
    }

    private bool TryBlind(
        BlindRsaVariant variant, ReadOnlySpan<byte[]> inputMessages, ReadOnlySpan<byte> salts, ReadOnlySpan<byte> blinds, [NotNullWhen(true)] out BlindedMessage[]? blinded)
    {
        int count = inputMessages.Length;
        var encoded = new byte[count * ModulusSize];
        var blindedMessages = new byte[count * ModulusSize];
        var inverses = new byte[count * ModulusSize];
        Span<byte> mask = stackalloc byte[ModulusSize];
        for (int i = 0; i < count; i++)
            EmsaPss.Encode(inputMessages[i], salts.Slice(i * variant.SaltSize, variant.SaltSize), EncodedBits, encoded.AsSpan(i * ModulusSize, ModulusSize));
        FillBelowModulus(mask);
        blinded = null;
        if (_arithmetic.TryBlind(encoded, blinds, mask, blindedMessages, inverses))
        {
            blinded = new BlindedMessage[count];
            for (int i = 0; i < count; i++)
            {
                Range part = (i * ModulusSize)..((i + 1) * ModulusSize);
                blinded[i] = new(this, variant, [.. inputMessages[i]], blindedMessages[part], inverses[part]);
            }
        }

        CryptographicOperations.ZeroMemory(encoded);
        CryptographicOperations.ZeroMemory(inverses);
        CryptographicOperations.ZeroMemory(mask);
        return blinded is not null;
    }

    /// <summary>The arithmetic of Finalize: <c>blindSignature * inverse mod n</c>; false when the signature is not a residue of the right size.</summary>
    internal bool TryUnblind(ReadOnlySpan<byte> blindSignature, ReadOnlySpan<byte> inverse, Span<byte> signature)
    {
        if (!IsBelowModulus(blindSignature))
            return false;

        _arithmetic.Multiply(blindSignature, inverse, signature);
        return true;
    }

    /// <summary><c>value^e mod n</c> for a value that <see cref="IsBelowModulus"/> accepted.</summary>
    internal void Encrypt(ReadOnlySpan<byte> value, Span<byte> result) => _arithmetic.Encrypt(value, result);

    /// <summary>True for exactly k bytes with a value below n.</summary>
    internal bool IsBelowModulus(ReadOnlySpan<byte> value) => value.Length == ModulusSize && value.SequenceCompareTo(_modulus) < 0;

    private static bool IsAcceptable(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent) =>
        modulus.Length is >= MinModulusBits / 8 and <= MaxModulusBits / 8
        && modulus[0] != 0
        && (modulus.Length > MinModulusBits / 8 || modulus[0] >= 0x80)
        && (modulus[^1] & 1) == 1
        && exponent.SequenceEqual<byte>([1, 0, 1]);

    private int EncodedBits => _modulusBits - 1;

    /// <summary>Uniform in [1, n) by rejection.</summary>
    private void FillBelowModulus(Span<byte> value)
    {
        byte topMask = (byte)(0xFF >> ((8 - (_modulusBits % 8)) % 8));
        do
        {
            RandomNumberGenerator.Fill(value);
            value[0] &= topMask;
        }
        while (value.SequenceCompareTo(_modulus) >= 0 || !value.ContainsAnyExcept((byte)0));
    }
}
