using System.Runtime.InteropServices;

namespace Veil.Crypto;

/// <summary>The SHA-256 compression function, reached through the deprecated streaming interface.</summary>
internal static partial class Libcrypto
{
    /// <summary>Runs whole blocks; the call lasts well under a microsecond for the messages of a key schedule, so the GC may wait for it.</summary>
    [SuppressGCTransition]
    [LibraryImport(Name, EntryPoint = "SHA256_Update")]
    internal static unsafe partial int Sha256Update(Sha256Context* context, byte* blocks, nuint length);

    /// <summary>The same for messages of any length.</summary>
    [LibraryImport(Name, EntryPoint = "SHA256_Update")]
    internal static unsafe partial int Sha256UpdateLong(Sha256Context* context, byte* blocks, nuint length);

    /// <summary>SHA256_CTX of OpenSSL 1.0 to 3.x: 112 bytes. Not promised by its headers, therefore proven by a self-test before use.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct Sha256Context
    {
        internal fixed uint State[8];
        internal fixed uint BitCount[2];
        internal fixed uint Pending[16];
        internal uint PendingLength;
        internal uint DigestLength;

        /// <summary>Starts from a state with nothing pending; the rest is scratch.</summary>
        internal void Restart(ReadOnlySpan<byte> state)
        {
            fixed (uint* words = State)
                state.CopyTo(new Span<byte>(words, 8 * sizeof(uint)));
            BitCount[0] = 0;
            BitCount[1] = 0;
            PendingLength = 0;
            DigestLength = 8 * sizeof(uint);
        }
    }
}
