using System.Buffers;
using Veil.Hpke;
using Veil.Wire;

namespace Veil.Ohttp;

/// <summary>
/// Opens a chunked message while it arrives (draft-ietf-ohai-chunked-ohttp-08 section 6): a prefix, then
/// <c>{ varint(length) sealed }* varint(0) sealed_final</c>. It does no I/O and holds at most one sealed chunk. The message is complete
/// only when <see cref="Read"/> returns <see cref="ChunkStatus.Final"/>.
/// </summary>
public abstract class ChunkedOpener : IDisposable
{
    private readonly ChunkLimits _limits;
    private Stage _stage = Stage.Prefix;
    private byte[]? _partial;
    private int _partialLength;
    private int _chunkLength;
    private long _total;

    private protected ChunkedOpener(ChunkLimits limits) => _limits = limits;

    private enum Stage
    {
        Prefix,
        Length,
        Chunk,
        FinalChunk,
        Complete,
        Failed,
    }

    /// <summary>Why <see cref="Read"/> returned <see cref="ChunkStatus.Failed"/>; none before that.</summary>
    public OhttpError Error { get; private set; }

    /// <summary>True once a chunk was opened: before that, the peer has not shown that it knows the key.</summary>
    public bool HasOpened { get; private set; }

    /// <summary>Bytes of plaintext that <see cref="Read"/> needs room for.</summary>
    public int MaxChunkSize => _limits.MaxChunkSize;

    private protected static ReadOnlySpan<byte> FinalAad => "final"u8;

    private int MaxSealedSize => _limits.MaxChunkSize + HpkeSuite.TagSize;

    /// <summary>
    /// Reads on, up to the end of one chunk. Call again with what was not consumed until the answer is <see cref="ChunkStatus.NeedMoreInput"/>.
    /// </summary>
    /// <param name="input">The bytes that follow those consumed so far.</param>
    /// <param name="endOfInput">True when the stream ends with the last byte of <paramref name="input"/>.</param>
    /// <param name="consumed">Bytes of input that were read.</param>
    /// <param name="plaintext">At least <see cref="MaxChunkSize"/> bytes; must not overlap the input.</param>
    /// <param name="written">Bytes of plaintext, with <see cref="ChunkStatus.Chunk"/> and <see cref="ChunkStatus.Final"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="plaintext"/> is too short.</exception>
    /// <exception cref="InvalidOperationException">The message was complete already.</exception>
    public ChunkStatus Read(ReadOnlySpan<byte> input, bool endOfInput, out int consumed, Span<byte> plaintext, out int written)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(plaintext.Length, MaxChunkSize, nameof(plaintext));
        if (_stage is Stage.Complete)
            throw new InvalidOperationException("The message is complete.");

        consumed = 0;
        written = 0;
        while (true)
        {
            ReadOnlySpan<byte> element;
            switch (_stage)
            {
                case Stage.Prefix:
                    if (!TryTake(PrefixSize, input, ref consumed, out element))
                        return Starve(endOfInput);

                    OhttpError prefixError = ReadPrefix(element);
                    if (prefixError is not OhttpError.None)
                        return Fail(prefixError);
                    if (PrefixSize == 0)
                        _stage = Stage.Length;
                    break;

                case Stage.Length:
                    if (!TryTake(LengthSize(input[consumed..]), input, ref consumed, out element))
                        return Starve(endOfInput);

                    OhttpError lengthError = ReadLength(element);
                    if (lengthError is not OhttpError.None)
                        return Fail(lengthError);
                    break;

                case Stage.Chunk:
                    if (!TryTake(_chunkLength, input, ref consumed, out element))
                        return Starve(endOfInput);

                    _stage = Stage.Length;
                    return Open(default, element, plaintext, out written) ? ChunkStatus.Chunk : ChunkStatus.Failed;

                case Stage.FinalChunk:
                    return ReadFinal(input, endOfInput, ref consumed, plaintext, out written);

                default:
                    return ChunkStatus.Failed;
            }
        }
    }

    /// <summary>Clears the secrets and gives the buffer back.</summary>
    public void Dispose()
    {
        if (_stage is not Stage.Complete)
            Fail(Error);
        DisposeSecrets();
        GC.SuppressFinalize(this);
    }

    /// <summary>Bytes of the next part of the prefix; 0 when it is read.</summary>
    private protected abstract int PrefixSize { get; }

    private protected abstract OhttpError ReadPrefix(ReadOnlySpan<byte> prefix);

    private protected abstract bool TryOpen(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext);

    private protected abstract void DisposeSecrets();

    /// <summary>Width of the varint at hand, known from its first byte.</summary>
    private int LengthSize(ReadOnlySpan<byte> input) =>
        _partialLength > 0 ? QuicVarint.SizeFrom(_partial![0]) : input.IsEmpty ? 1 : QuicVarint.SizeFrom(input[0]);

    private OhttpError ReadLength(ReadOnlySpan<byte> varint)
    {
        QuicVarint.TryRead(varint, out ulong length, out _);
        if (length > (ulong)MaxSealedSize)
            return OhttpError.ChunkTooLarge;

        // A chunk before the final one carries at least a byte; an empty one counts as not authentic.
        if (length is > 0 and <= HpkeSuite.TagSize)
            return OhttpError.DecryptFailed;

        _chunkLength = (int)length;
        _stage = length == 0 ? Stage.FinalChunk : Stage.Chunk;
        return OhttpError.None;
    }

    /// <summary>The final chunk has no length: it runs to the end of the stream.</summary>
    private ChunkStatus ReadFinal(ReadOnlySpan<byte> input, bool endOfInput, scoped ref int consumed, Span<byte> plaintext, out int written)
    {
        written = 0;
        ReadOnlySpan<byte> rest = input[consumed..];
        if (_partialLength + rest.Length > MaxSealedSize)
            return Fail(OhttpError.ChunkTooLarge);

        consumed = input.Length;
        if (!endOfInput || _partialLength > 0)
            Keep(rest);
        if (!endOfInput)
            return ChunkStatus.NeedMoreInput;

        ReadOnlySpan<byte> ciphertext = _partialLength > 0 ? _partial.AsSpan(0, _partialLength) : rest;
        if (ciphertext.Length < HpkeSuite.TagSize)
            return Fail(OhttpError.Truncated);
        if (!Open(FinalAad, ciphertext, plaintext, out written))
            return ChunkStatus.Failed;

        _stage = Stage.Complete;
        Release();
        return ChunkStatus.Final;
    }

    private bool Open(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, out int written)
    {
        written = ciphertext.Length - HpkeSuite.TagSize;
        _total += written;
        OhttpError error = _total > _limits.MaxMessageSize ? OhttpError.MessageTooLarge
            : !TryOpen(aad, ciphertext, plaintext[..written]) ? OhttpError.DecryptFailed
            : OhttpError.None;
        if (error is not OhttpError.None)
        {
            written = 0;
            Fail(error);
            return false;
        }

        HasOpened = true;
        return true;
    }

    /// <summary>Takes <paramref name="size"/> bytes from what was kept and the input together; keeps what there is when that is less.</summary>
    private bool TryTake(int size, ReadOnlySpan<byte> input, scoped ref int consumed, out ReadOnlySpan<byte> element)
    {
        ReadOnlySpan<byte> rest = input[consumed..];
        int missing = size - _partialLength;
        int count = Math.Min(missing, rest.Length);
        consumed += count;
        if (_partialLength == 0 && count == size)
        {
            element = rest[..size];
            return true;
        }

        Keep(rest[..count]);
        element = _partial.AsSpan(0, _partialLength);
        if (count < missing)
            return false;

        _partialLength = 0;
        return true;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _partial ??= ArrayPool<byte>.Shared.Rent(MaxSealedSize);
        bytes.CopyTo(_partial.AsSpan(_partialLength));
        _partialLength += bytes.Length;
    }

    private ChunkStatus Starve(bool endOfInput) => endOfInput ? Fail(OhttpError.Truncated) : ChunkStatus.NeedMoreInput;

    private ChunkStatus Fail(OhttpError error)
    {
        _stage = Stage.Failed;
        Error = error;
        Release();
        return ChunkStatus.Failed;
    }

    private void Release()
    {
        if (_partial is not null)
            ArrayPool<byte>.Shared.Return(_partial);
        _partial = null;
        _partialLength = 0;
    }
}
