using Veil.Wire;

namespace Veil.PrivacyPass;

/// <summary>Where things stand in the answer to an amortized batch: <c>varint length | evaluated elements | proof</c>. Its size follows from the request.</summary>
internal readonly struct AmortizedBatchResponse
{
    private readonly int _elementsSize;
    private readonly int _lengthSize;
    private readonly int _proofSize;

    public AmortizedBatchResponse(TokenType type, int count)
    {
        _elementsSize = checked(count * type.BlindedElementSize);
        _lengthSize = QuicVarint.Size((ulong)_elementsSize);
        _proofSize = type.TokenResponseSize - type.BlindedElementSize;
    }

    /// <summary>The whole in bytes.</summary>
    public int Size => _lengthSize + _elementsSize + _proofSize;

    /// <summary>The evaluated elements.</summary>
    public Range Elements => _lengthSize..(_lengthSize + _elementsSize);

    /// <summary>The proof.</summary>
    public Range Proof => (_lengthSize + _elementsSize)..Size;

    /// <summary>Writes the length before the elements.</summary>
    public void WriteLength(Span<byte> response) => QuicVarint.Write(response, (ulong)_elementsSize);

    /// <summary>True for an answer of the one right size with the one right length in it.</summary>
    public bool Fits(ReadOnlySpan<byte> response)
    {
        Span<byte> length = stackalloc byte[QuicVarint.MaxSize];
        WriteLength(length);
        return response.Length == Size && response.StartsWith(length[.._lengthSize]);
    }
}
