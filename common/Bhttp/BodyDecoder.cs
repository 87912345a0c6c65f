namespace Veil.Bhttp;

/// <summary>Reads what follows the head, alike for requests and responses: content, trailer section, padding (RFC 9292 sections 3.1, 3.2 and 3.8).</summary>
internal struct BodyDecoder(BhttpLimits limits)
{
    private enum State
    {
        ContentLength,
        ChunkLength,
        Content,
        Trailers,
        Padding,
    }

    private FieldSectionDecoder _trailers = new(limits);
    private State _state;
    private bool _isIndeterminate;
    private bool _hasChunk;
    private long _left;
    private long _budget = limits.BodyBytes;

    /// <summary>The trailer section, once it was read.</summary>
    public readonly FieldSection Trailers => _trailers.Section;

    /// <summary>Why the message was refused.</summary>
    public BhttpError Error { get; private set; }

    /// <summary>Begins behind the header section.</summary>
    public void Start(bool isIndeterminate)
    {
        _isIndeterminate = isIndeterminate;
        _state = isIndeterminate ? State.ChunkLength : State.ContentLength;
    }

    /// <summary>Reads on to the next event. Content is a piece of the input itself.</summary>
    public BhttpEvent Read(scoped ref ReadOnlySpan<byte> input, ref Carry carry, bool endOfInput, out ReadOnlySpan<byte> content)
    {
        content = default;
        while (true)
        {
            switch (_state)
            {
                case State.ContentLength or State.ChunkLength:
                    if (MayEnd(input, carry, endOfInput))
                        return BhttpEvent.End;
                    if (!carry.TryTakeVarint(ref input, out ulong length, out int size))
                        return NeedMore(endOfInput);
                    if (length + (ulong)size > (ulong)_budget)
                        return Fail(BhttpError.BodyTooLarge);
                    _budget -= size + (long)length;
                    _left = (long)length;
                    if (_left is 0)
                    {
                        StartTrailers();
                        break;
                    }

                    _hasChunk = true;
                    _state = State.Content;
                    break;

                case State.Content:
                    if (input.IsEmpty)
                        return NeedMore(endOfInput);
                    content = input[..(int)Math.Min(_left, input.Length)];
                    input = input[content.Length..];
                    _left -= content.Length;
                    if (_left is 0 && _isIndeterminate)
                        _state = State.ChunkLength;
                    else if (_left is 0)
                        StartTrailers();
                    return BhttpEvent.Content;

                case State.Trailers:
                    if (MayEnd(input, carry, endOfInput))
                        return BhttpEvent.End;
                    switch (_trailers.Read(ref input, ref carry))
                    {
                        case Progress.More:
                            return NeedMore(endOfInput);
                        case Progress.Failed:
                            return Fail(_trailers.Error);
                    }

                    _state = State.Padding;
                    if (Trailers.Count > 0)
                        return BhttpEvent.Trailers;
                    break;

                default:
                    return ReadPadding(ref input, endOfInput);
            }
        }
    }

    /// <summary>
    /// A sender may stop before the length of content or trailers when all that follows is empty. After a chunk, the zero that ends
    /// the content must be there: a cut stream must not pass for a short one.
    /// </summary>
    private readonly bool MayEnd(ReadOnlySpan<byte> input, Carry carry, bool endOfInput) =>
        endOfInput && input.IsEmpty && carry.IsEmpty && (_state is State.Trailers ? _trailers.MayEnd : !_hasChunk);

    private void StartTrailers()
    {
        _trailers.Start(_isIndeterminate, isTrailer: true, limits.HeadBytes);
        _state = State.Trailers;
    }

    private BhttpEvent ReadPadding(scoped ref ReadOnlySpan<byte> input, bool endOfInput)
    {
        if (input.ContainsAnyExcept((byte)0))
            return Fail(BhttpError.BadPadding);
        if (input.Length > _budget)
            return Fail(BhttpError.BodyTooLarge);
        _budget -= input.Length;
        input = default;
        return endOfInput ? BhttpEvent.End : BhttpEvent.NeedMoreInput;
    }

    private BhttpEvent NeedMore(bool endOfInput) => endOfInput ? Fail(BhttpError.Truncated) : BhttpEvent.NeedMoreInput;

    private BhttpEvent Fail(BhttpError error)
    {
        Error = error;
        return BhttpEvent.Failed;
    }
}
