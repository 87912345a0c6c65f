using System.Buffers;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>expand_message_xmd (RFC 9380 section 5.3.1) with SHA-384 or SHA-512.</summary>
internal static class ExpandMessage
{
    /// <summary>Longest domain separation tag in bytes; ours are constants far below it.</summary>
    public const int MaxTagSize = 255;

    /// <summary>Input block of SHA-384 and SHA-512 in bytes.</summary>
    private const int BlockSize = 128;

    /// <summary>Fills <paramref name="uniform"/> with bytes that look uniform, from a message of any length.</summary>
    /// <exception cref="ArgumentException">The tag or the output is longer than the document allows.</exception>
    public static void Xmd(HashAlgorithmName hash, int hashSize, ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag, Span<byte> uniform)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tag.Length, MaxTagSize, nameof(tag));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(uniform.Length, Math.Min(255 * hashSize, ushort.MaxValue), nameof(uniform));

        // b_0 = H(Z_pad || msg || l_i_b_str || 0 || DST || len(DST))
        int size = BlockSize + message.Length + 3 + tag.Length + 1;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
        Span<byte> input = buffer.AsSpan(0, size);
        input[..BlockSize].Clear();
        message.CopyTo(input[BlockSize..]);
        Span<byte> rest = input[(BlockSize + message.Length)..];
        rest[0] = (byte)(uniform.Length >> 8);
        rest[1] = (byte)(uniform.Length & 0xFF);
        rest[2] = 0;
        tag.CopyTo(rest[3..]);
        rest[^1] = (byte)tag.Length;
        Span<byte> first = stackalloc byte[hashSize];
        CryptographicOperations.HashData(hash, input, first);
        CryptographicOperations.ZeroMemory(input);
        ArrayPool<byte>.Shared.Return(buffer);

        // b_i = H((b_0 xor b_(i-1)) || i || DST || len(DST)), with zeros for the first b_(i-1).
        Span<byte> round = stackalloc byte[hashSize + 1 + tag.Length + 1];
        Span<byte> block = stackalloc byte[hashSize];
        block.Clear();
        tag.CopyTo(round[(hashSize + 1)..]);
        round[^1] = (byte)tag.Length;
        for (int i = 1, done = 0; done < uniform.Length; i++)
        {
            for (int j = 0; j < hashSize; j++)
                round[j] = (byte)(first[j] ^ block[j]);
            round[hashSize] = (byte)i;
            CryptographicOperations.HashData(hash, round, block);
            int part = Math.Min(hashSize, uniform.Length - done);
            block[..part].CopyTo(uniform[done..]);
            done += part;
        }
    }
}
