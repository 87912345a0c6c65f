using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// An HMAC-SHA256 key made ready by one back end and usable with that one only: 64 bytes on the caller's stack.
/// Call <see cref="Clear"/> when the key is secret and no longer needed.
/// </summary>
public struct HmacKey
{
    private Block _block;

    internal const int Size = 64;

    /// <summary>The back end's form of the key: two hash states after the padded key, or the padded key itself.</summary>
    [UnscopedRef]
    internal Span<byte> Bytes => _block;

    /// <summary>Overwrites the key with zeros.</summary>
    public void Clear() => CryptographicOperations.ZeroMemory(_block);

    [InlineArray(Size)]
    private struct Block
    {
        private byte _first;
    }
}
