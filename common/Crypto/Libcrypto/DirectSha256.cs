using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// HMAC-SHA256 (RFC 2104) that calls only libcrypto's compression function: a prepared key is the two hash states after the padded key, and
/// a MAC costs two calls. EVP_MAC and HMAC one-shots cost several times as much for the short messages of a key schedule.
/// </summary>
internal sealed unsafe class DirectSha256 : HmacEngine
{
    private const int BlockSize = 64;
    private const int StateSize = 32;

    /// <summary>Above this the compression may take long, and the garbage collector must not wait for it.</summary>
    private const int ShortMessage = 1024;

    private DirectSha256()
    {
    }

    internal static DirectSha256 Instance { get; } = new();

    /// <summary>True when the struct layout and the function are what we think: compared with .NET's own over all lengths around the block borders.</summary>
    internal static bool IsSound { get; } = Libcrypto.Has("SHA256_Update") && AgreesWithPlatform();

    private static ReadOnlySpan<uint> InitialState =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    internal override void Prepare(ReadOnlySpan<byte> key, out HmacKey prepared)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        block.Clear();
        if (key.Length <= BlockSize)
            key.CopyTo(block);
        else
            SHA256.HashData(key, block);

        prepared = default;
        Span<byte> states = prepared.Bytes;
        foreach (ref byte b in block)
            b ^= 0x36;
        AbsorbPad(block, states[..StateSize]);
        foreach (ref byte b in block)
            b ^= 0x36 ^ 0x5c;
        AbsorbPad(block, states[StateSize..]);
        CryptographicOperations.ZeroMemory(block);
    }

    internal override void Compute(ref HmacKey key, ReadOnlySpan<byte> message, Span<byte> mac)
    {
        Span<byte> inner = stackalloc byte[StateSize];
        Finish(key.Bytes[..StateSize], message, inner);
        Finish(key.Bytes[StateSize..], inner, mac);
    }

    /// <summary>The state after one block from the initial state, in memory order.</summary>
    private static void AbsorbPad(ReadOnlySpan<byte> block, Span<byte> state)
    {
        Libcrypto.Sha256Context context = default;
        InitialState.CopyTo(new Span<uint>(context.State, 8));
        fixed (byte* input = block)
            Libcrypto.Check(Libcrypto.Sha256Update(&context, input, BlockSize));
        new ReadOnlySpan<byte>(context.State, StateSize).CopyTo(state);
    }

    /// <summary>Hashes a message on top of a state that has absorbed one block; pads here, so that libcrypto sees whole blocks only.</summary>
    private static void Finish(ReadOnlySpan<byte> state, ReadOnlySpan<byte> message, Span<byte> digest)
    {
        Libcrypto.Sha256Context context = default;
        state.CopyTo(new Span<byte>(context.State, StateSize));

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
        BinaryPrimitives.WriteUInt64BigEndian(padded[^8..], ((ulong)message.Length + BlockSize) * 8);
        Libcrypto.Check(Libcrypto.Sha256Update(&context, blocks, (nuint)length));

        for (int i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt32BigEndian(digest[(4 * i)..], context.State[i]);
        CryptographicOperations.ZeroMemory(padded);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool AgreesWithPlatform()
    {
        Span<byte> message = stackalloc byte[ShortMessage + 200];
        for (int i = 0; i < message.Length; i++)
            message[i] = (byte)(i * 7 % 251);

        Span<byte> ours = stackalloc byte[StateSize];
        Span<byte> theirs = stackalloc byte[StateSize];
        for (int length = 0; length < message.Length; length += length < 300 ? 1 : 61)
        {
            ReadOnlySpan<byte> key = message[..(length % 100)];
            Instance.Prepare(key, out HmacKey prepared);
            Instance.Compute(ref prepared, message[..length], ours);
            HMACSHA256.HashData(key, message[..length], theirs);
            if (!ours.SequenceEqual(theirs))
                return false;
        }

        return true;
    }
}
