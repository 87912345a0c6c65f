using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// EMSA-PSS with SHA-384 and MGF1-SHA-384 (RFC 8017 section 9.1) for an encoded message of <c>emBits = bit_len(n) - 1</c>.
/// RFC 9474 prints <c>bit_len(n)</c> there; its vectors and every verifier need one bit less.
/// </summary>
internal static class EmsaPss
{
    /// <summary>SHA-384 output in bytes; also the long salt.</summary>
    public const int HashSize = SHA384.HashSizeInBytes;

    private const byte Trailer = 0xBC;
    private const int PaddingSize = 8;

    /// <summary>EMSA-PSS-ENCODE: fills <paramref name="encoded"/>, which is as long as the modulus (a byte more than emLen when 8 divides emBits).</summary>
    public static void Encode(ReadOnlySpan<byte> message, ReadOnlySpan<byte> salt, int emBits, Span<byte> encoded)
    {
        Span<byte> em = Frame(encoded, emBits);
        encoded[..^em.Length].Clear();
        Span<byte> maskedDb = em[..^(HashSize + 1)];
        Span<byte> h = em.Slice(maskedDb.Length, HashSize);

        HashOfSalted(message, salt, h);

        // DB = PS || 0x01 || salt, masked in place.
        maskedDb.Clear();
        maskedDb[^(salt.Length + 1)] = 1;
        salt.CopyTo(maskedDb[^salt.Length..]);
        ApplyMask(h, maskedDb);
        maskedDb[0] &= TopByteMask(emBits);
        em[^1] = Trailer;
    }

    /// <summary>EMSA-PSS-VERIFY for a salt of exactly <paramref name="saltSize"/> bytes. <paramref name="encoded"/> is overwritten.</summary>
    public static bool Verify(ReadOnlySpan<byte> message, Span<byte> encoded, int saltSize, int emBits)
    {
        Span<byte> em = Frame(encoded, emBits);
        Span<byte> maskedDb = em[..^(HashSize + 1)];
        ReadOnlySpan<byte> h = em.Slice(maskedDb.Length, HashSize);
        if (encoded[..^em.Length].ContainsAnyExcept((byte)0) || em[^1] != Trailer || (maskedDb[0] & ~TopByteMask(emBits)) != 0)
            return false;

        ApplyMask(h, maskedDb);
        maskedDb[0] &= TopByteMask(emBits);
        int zeros = maskedDb.Length - saltSize - 1;
        if (maskedDb[..zeros].ContainsAnyExcept((byte)0) || maskedDb[zeros] != 1)
            return false;

        Span<byte> expected = stackalloc byte[HashSize];
        HashOfSalted(message, maskedDb[^saltSize..], expected);
        return CryptographicOperations.FixedTimeEquals(expected, h);
    }

    /// <summary>The emLen bytes at the end of a modulus-sized buffer; the smallest accepted modulus leaves room for hash and salt.</summary>
    private static Span<byte> Frame(Span<byte> encoded, int emBits) => encoded[^((emBits + 7) / 8)..];

    private static byte TopByteMask(int emBits) => (byte)(0xFF >> ((8 - (emBits % 8)) % 8));

    /// <summary>H = Hash(eight zero bytes || Hash(message) || salt).</summary>
    private static void HashOfSalted(ReadOnlySpan<byte> message, ReadOnlySpan<byte> salt, Span<byte> destination)
    {
        Span<byte> input = stackalloc byte[PaddingSize + HashSize + HashSize];
        input[..PaddingSize].Clear();
        SHA384.HashData(message, input[PaddingSize..]);
        salt.CopyTo(input[(PaddingSize + HashSize)..]);
        SHA384.HashData(input[..(PaddingSize + HashSize + salt.Length)], destination);
    }

    /// <summary>XORs MGF1(<paramref name="seed"/>) onto <paramref name="target"/>.</summary>
    private static void ApplyMask(ReadOnlySpan<byte> seed, Span<byte> target)
    {
        Span<byte> input = stackalloc byte[HashSize + sizeof(uint)];
        Span<byte> block = stackalloc byte[HashSize];
        seed.CopyTo(input);
        for (uint counter = 0; !target.IsEmpty; counter++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(input[HashSize..], counter);
            SHA384.HashData(input, block);
            int count = Math.Min(block.Length, target.Length);
            for (int i = 0; i < count; i++)
                target[i] ^= block[i];

            target = target[count..];
        }
    }
}
