using Veil.Hpke;
using Veil.Wire;

namespace Veil.Ohttp;

/// <summary>
/// Seals a chunked message piece by piece (draft-ietf-ohai-chunked-ohttp-08 section 6). The sender writes <see cref="Prefix"/>, then what each call
/// gives, and ends the stream right behind the final chunk. Not for concurrent use.
/// </summary>
public abstract class ChunkedSealer : IDisposable
{
    /// <summary>The longest plaintext of one chunk: what every receiver accepts.</summary>
    public const int MaxChunkSize = ChunkLimits.RequiredChunkSize;

    /// <summary>The longest that a chunk grows: a four-byte varint and the tag.</summary>
    public const int MaxOverhead = 4 + HpkeSuite.TagSize;

    private bool _ended;

    private protected ChunkedSealer()
    {
    }

    /// <summary>What stands in front of the chunks: header and enc of a request, nonce of a response.</summary>
    public abstract ReadOnlyMemory<byte> Prefix { get; }

    /// <summary>Bytes of a chunk with <paramref name="length"/> bytes of plaintext.</summary>
    public static int GetChunkSize(int length) => QuicVarint.Size((ulong)(length + HpkeSuite.TagSize)) + length + HpkeSuite.TagSize;

    /// <summary>Bytes of a final chunk with <paramref name="length"/> bytes of plaintext.</summary>
    public static int GetFinalChunkSize(int length) => 1 + length + HpkeSuite.TagSize;

    /// <summary>Seals a chunk after which more follow, and returns its size, <see cref="GetChunkSize"/>.</summary>
    /// <param name="plaintext">1 to 16,384 bytes.</param>
    /// <param name="destination">At least <see cref="GetChunkSize"/> bytes; must not overlap the plaintext.</param>
    /// <exception cref="InvalidOperationException">The final chunk was sealed before.</exception>
    public int SealChunk(ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfZero(plaintext.Length, nameof(plaintext));
        return Seal(default, (ulong)(plaintext.Length + HpkeSuite.TagSize), plaintext, destination);
    }

    /// <summary>Seals the last chunk, without which the message never counts as complete; returns its size, <see cref="GetFinalChunkSize"/>.</summary>
    /// <param name="plaintext">At most 16,384 bytes, possibly none.</param>
    /// <param name="destination">At least <see cref="GetFinalChunkSize"/> bytes; must not overlap the plaintext.</param>
    /// <exception cref="InvalidOperationException">The final chunk was sealed before.</exception>
    public int SealFinalChunk(ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        int size = Seal("final"u8, 0, plaintext, destination);
        _ended = true;
        return size;
    }

    /// <summary>Clears the secrets.</summary>
    public void Dispose()
    {
        _ended = true;
        DisposeSecrets();
        GC.SuppressFinalize(this);
    }

    private protected abstract void Encrypt(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext);

    private protected abstract void DisposeSecrets();

    private int Seal(ReadOnlySpan<byte> aad, ulong lengthField, ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintext.Length, MaxChunkSize, nameof(plaintext));
        if (_ended)
            throw new InvalidOperationException("The message has ended.");

        int size = QuicVarint.Size(lengthField) + plaintext.Length + HpkeSuite.TagSize;
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, size, nameof(destination));
        int start = QuicVarint.Write(destination, lengthField);
        Encrypt(aad, plaintext, destination[start..size]);
        return size;
    }
}
