using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// SHA-256 and HMAC-SHA256 (RFC 2104) that call only libcrypto's compression function: a prepared key is the two hash states after the padded key, and
/// a MAC costs two calls. EVP_MAC, EVP_Digest and HMAC one-shots cost several times as much for the short messages of key schedules and hash trees.
/// </summary>
internal sealed unsafe class DirectSha256 : Sha256Engine
{
    private const int BlockSize = 64;
    private const int StateSize = 32;
    private const ulong InnerPad = 0x3636363636363636;
    private const ulong OuterPad = 0x5c5c5c5c5c5c5c5c;

    /// <summary>Above this the compression may take long, and the garbage collector must not wait for it.</summary>
    private const int ShortMessage = 1024;

    /// <summary>The empty key, which is the salt of most extractions in HPKE.</summary>
    private readonly HmacKey _emptyKey = PrepareBlock(default);

    private DirectSha256()
    {
    }

    /// <summary>The one instance where libcrypto exports the function and its state is laid out as we think; else null.</summary>
    internal static DirectSha256? Instance { get; } = Libcrypto.Has("SHA256_Update") && new DirectSha256() is var direct && direct.AgreesWithPlatform()
        ? direct
        : null;

    private static ReadOnlySpan<uint> InitialState =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    internal override void Prepare(ReadOnlySpan<byte> key, out HmacKey prepared)
    {
        if (key.IsEmpty)
        {
            prepared = _emptyKey;
        }
        else if (key.Length <= BlockSize)
        {
            prepared = PrepareBlock(key);
        }
        else
        {
            Span<byte> hashed = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(key, hashed);
            prepared = PrepareBlock(hashed);
            CryptographicOperations.ZeroMemory(hashed);
        }
    }

    [SkipLocalsInit]
    internal override void Compute(ref HmacKey key, ReadOnlySpan<byte> message, Span<byte> mac)
    {
        Span<byte> inner = stackalloc byte[StateSize];
        Finish(key.Bytes[..StateSize], BlockSize, message, inner);
        Finish(key.Bytes[StateSize..], BlockSize, inner, mac);
    }

    internal override void Hash(ReadOnlySpan<byte> message, Span<byte> hash) => Finish(MemoryMarshal.AsBytes(InitialState), absorbed: 0, message, hash);

    /// <summary>The two states of a key of at most one block.</summary>
    [SkipLocalsInit]
    private static HmacKey PrepareBlock(ReadOnlySpan<byte> key)
    {
        Span<ulong> block = stackalloc ulong[BlockSize / sizeof(ulong)];
        block.Clear();
        Span<byte> bytes = MemoryMarshal.AsBytes(block);
        key.CopyTo(bytes);

        Unsafe.SkipInit(out HmacKey prepared);
        Span<byte> states = prepared.Bytes;
        Xor(block, InnerPad);
        AbsorbPad(bytes, states[..StateSize]);
        Xor(block, InnerPad ^ OuterPad);
        AbsorbPad(bytes, states[StateSize..]);
        CryptographicOperations.ZeroMemory(bytes);
        return prepared;
    }

    private static void Xor(Span<ulong> block, ulong pad)
    {
        foreach (ref ulong word in block)
            word ^= pad;
    }

    /// <summary>The state after one block from the initial state, in memory order.</summary>
    [SkipLocalsInit]
    private static void AbsorbPad(ReadOnlySpan<byte> block, Span<byte> state)
    {
        Unsafe.SkipInit(out Libcrypto.Sha256Context context);
        context.Restart(MemoryMarshal.AsBytes(InitialState));
        fixed (byte* input = block)
            Libcrypto.Check(Libcrypto.Sha256Update(&context, input, BlockSize));
        new ReadOnlySpan<byte>(context.State, StateSize).CopyTo(state);
    }

    /// <summary>Hashes a message on top of a state that has absorbed so many bytes, whole blocks; pads here, so that libcrypto sees whole blocks only.</summary>
    [SkipLocalsInit]
    private static void Finish(ReadOnlySpan<byte> state, int absorbed, ReadOnlySpan<byte> message, Span<byte> digest)
    {
        Unsafe.SkipInit(out Libcrypto.Sha256Context context);
        context.Restart(state);

        int tail = message.Length;
        if (message.Length > 3 * BlockSize)
        {
            tail = message.Length % BlockSize;
            int whole = message.Length - tail;
            fixed (byte* input = message)
            {
                Libcrypto.Check(whole <= ShortMessage
                    ? Libcrypto.Sha256Update(&context, input, (nuint)whole)
                    : Libcrypto.Sha256UpdateLong(&context, input, (nuint)whole));
            }
        }

        byte* blocks = stackalloc byte[4 * BlockSize];
        int length = (tail + 9 + BlockSize - 1) / BlockSize * BlockSize;
        var padded = new Span<byte>(blocks, length);
        message[^tail..].CopyTo(padded);
        padded[tail] = 0x80;
        padded[(tail + 1)..].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(padded[^8..], ((ulong)message.Length + (ulong)absorbed) * 8);
        Libcrypto.Check(Libcrypto.Sha256Update(&context, blocks, (nuint)length));

        BinaryPrimitives.ReverseEndianness(new ReadOnlySpan<uint>(context.State, 8), MemoryMarshal.Cast<byte, uint>(digest[..StateSize]));
        CryptographicOperations.ZeroMemory(padded);
    }

    /// <summary>Compares with .NET's own over all lengths around the block borders, for keys of many lengths.</summary>
    private bool AgreesWithPlatform()
    {
        Span<byte> message = stackalloc byte[ShortMessage + 200];
        for (int i = 0; i < message.Length; i++)
            message[i] = (byte)(i * 7 % 251);

        Span<byte> ours = stackalloc byte[StateSize];
        Span<byte> theirs = stackalloc byte[StateSize];
        for (int length = 0; length < message.Length; length += length < 300 ? 1 : 61)
        {
            ReadOnlySpan<byte> key = message[..(length % 100)];
            Prepare(key, out HmacKey prepared);
            Compute(ref prepared, message[..length], ours);
            HMACSHA256.HashData(key, message[..length], theirs);
            if (!ours.SequenceEqual(theirs))
                return false;
            Hash(message[..length], ours);
            SHA256.HashData(message[..length], theirs);
            if (!ours.SequenceEqual(theirs))
                return false;
        }

        return true;
    }
}
