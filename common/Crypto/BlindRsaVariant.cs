using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// One of the four named variants of RSA blind signatures (RFC 9474 section 5). All use SHA-384 and MGF1 with SHA-384; they
/// differ in the PSS salt and in whether 32 random bytes go before the message.
/// </summary>
public sealed class BlindRsaVariant
{
    private const int PrefixSize = 32;

    private BlindRsaVariant(string name, int saltSize, bool randomized)
    {
        Name = name;
        SaltSize = saltSize;
        IsRandomized = randomized;
    }

    /// <summary>RSABSSA-SHA384-PSS-Randomized: salt of 48 bytes, random prefix.</summary>
    public static BlindRsaVariant PssRandomized { get; } = new("RSABSSA-SHA384-PSS-Randomized", EmsaPss.HashSize, randomized: true);

    /// <summary>RSABSSA-SHA384-PSSZERO-Randomized: no salt, random prefix.</summary>
    public static BlindRsaVariant PssZeroRandomized { get; } = new("RSABSSA-SHA384-PSSZERO-Randomized", 0, randomized: true);

    /// <summary>RSABSSA-SHA384-PSS-Deterministic: salt of 48 bytes, message as it is. The variant of Privacy Pass type 0x0002.</summary>
    public static BlindRsaVariant PssDeterministic { get; } = new("RSABSSA-SHA384-PSS-Deterministic", EmsaPss.HashSize, randomized: false);

    /// <summary>RSABSSA-SHA384-PSSZERO-Deterministic: no salt, message as it is.</summary>
    public static BlindRsaVariant PssZeroDeterministic { get; } = new("RSABSSA-SHA384-PSSZERO-Deterministic", 0, randomized: false);

    /// <summary>All four.</summary>
    public static IReadOnlyList<BlindRsaVariant> All { get; } = [PssRandomized, PssZeroRandomized, PssDeterministic, PssZeroDeterministic];

    /// <summary>The RFC's name.</summary>
    public string Name { get; }

    /// <summary>PSS salt in bytes, 48 or 0; a verifier accepts exactly this one.</summary>
    public int SaltSize { get; }

    /// <summary>True when <see cref="Prepare"/> puts 32 random bytes before the message.</summary>
    public bool IsRandomized { get; }

    /// <summary>
    /// Prepare (RFC 9474 section 4.1): the <c>input_msg</c> that is blinded, signed and verified. Without the prefix a message of
    /// low entropy is open to a signer with a crafted key, so the deterministic variants are for messages that hold randomness of their own.
    /// </summary>
    public byte[] Prepare(ReadOnlySpan<byte> message)
    {
        if (!IsRandomized)
            return message.ToArray();

        var input = new byte[PrefixSize + message.Length];
        RandomNumberGenerator.Fill(input.AsSpan(0, PrefixSize));
        message.CopyTo(input.AsSpan(PrefixSize));
        return input;
    }

    /// <summary>The RFC's name.</summary>
    public override string ToString() => Name;
}
