namespace Veil.Bhttp;

/// <summary>
/// Reads a request of either framing from pieces of any size (RFC 9292 section 3), keeping no more than the field that a piece
/// cuts. Events come in the order Head, Content*, Trailers?, End; the same bytes give the same events however they are cut.
/// </summary>
/// <param name="limits">Bounds; null for the defaults.</param>
public sealed class BhttpRequestDecoder(BhttpLimits? limits = null)
{
    private enum State
    {
        Framing,
        PartLength,
        Part,
        Headers,
        Body,
        Over,
    }

    private readonly string[] _parts = new string[4];
    private FieldSectionDecoder _headers = new(limits ?? BhttpLimits.Default);
    private BodyDecoder _body = new(limits ?? BhttpLimits.Default);
    private Carry _carry;
    private State _state;
    private BhttpEvent _last;
    private bool _isIndeterminate;
    private int _part;
    private int _length;
    private int _budget = (limits ?? BhttpLimits.Default).HeadBytes;

    /// <summary>Control data and header section; set from the Head event on.</summary>
    public RequestHead? Head { get; private set; }

    /// <summary>The trailer section, empty before the Trailers event and when there is none.</summary>
    public FieldSection Trailers => _body.Trailers;

    /// <summary>Why the message was refused; set with the Failed event.</summary>
    public BhttpError Error { get; private set; }

    /// <summary>Reads up to the next event. Call again, with what was not consumed and what follows it, until End or Failed.</summary>
    /// <param name="input">Untrusted bytes.</param>
    /// <param name="endOfInput">True when nothing will follow <paramref name="input"/>.</param>
    /// <param name="consumed">How much was read; all of it when more is needed.</param>
    /// <param name="content">With the Content event, a piece of <paramref name="input"/>.</param>
    public BhttpEvent Read(ReadOnlySpan<byte> input, bool endOfInput, out int consumed, out ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> rest = input;
        content = default;
        if (_state is not State.Over)
            _last = _state is State.Body ? ReadBody(ref rest, endOfInput, out content) : ReadHead(ref rest, endOfInput);
        consumed = input.Length - rest.Length;
        if (_last is BhttpEvent.End or BhttpEvent.Failed)
            _state = State.Over;
        return _last;
    }

    private BhttpEvent ReadBody(scoped ref ReadOnlySpan<byte> input, bool endOfInput, out ReadOnlySpan<byte> content)
    {
        BhttpEvent found = _body.Read(ref input, ref _carry, endOfInput, out content);
        Error = _body.Error;
        return found;
    }

    private BhttpEvent ReadHead(scoped ref ReadOnlySpan<byte> input, bool endOfInput)
    {
        while (true)
        {
            Progress step = _state switch
            {
                State.Framing => ReadFraming(ref input),
                State.PartLength => ReadPartLength(ref input),
                State.Part => ReadPart(ref input),
                _ => ReadHeaders(ref input, endOfInput),
            };
            if (step is Progress.Failed)
                return BhttpEvent.Failed;
            if (_state is State.Body)
                return BhttpEvent.Head;
            if (step is Progress.More)
                return endOfInput ? Truncated() : BhttpEvent.NeedMoreInput;
        }
    }

    private Progress ReadFraming(scoped ref ReadOnlySpan<byte> input)
    {
        if (!_carry.TryTakeVarint(ref input, out ulong framing, out _))
            return Progress.More;
        if (framing is not ((ulong)Framing.KnownLengthRequest or (ulong)Framing.IndeterminateLengthRequest))
            return Fail(BhttpError.BadFraming);
        _isIndeterminate = framing is (ulong)Framing.IndeterminateLengthRequest;
        _state = State.PartLength;
        return Progress.Done;
    }

    private Progress ReadPartLength(scoped ref ReadOnlySpan<byte> input)
    {
        if (!_carry.TryTakeVarint(ref input, out ulong length, out int size))
            return Progress.More;
        if (length + (ulong)size > (ulong)_budget)
            return Fail(BhttpError.HeadTooLarge);
        _length = (int)length;
        _budget -= size + _length;
        _state = State.Part;
        return Progress.Done;
    }

    private Progress ReadPart(scoped ref ReadOnlySpan<byte> input)
    {
        if (!_carry.TryTake(ref input, _length, out ReadOnlySpan<byte> part))
            return Progress.More;
        _parts[_part++] = WellKnownText.Read(part);
        _state = _part < _parts.Length ? State.PartLength : State.Headers;
        if (_state is State.Headers)
            _headers.Start(_isIndeterminate, isTrailer: false, _budget);
        return Progress.Done;
    }

    private Progress ReadHeaders(scoped ref ReadOnlySpan<byte> input, bool endOfInput)
    {
        bool isLeftOut = endOfInput && input.IsEmpty && _carry.IsEmpty && _headers.MayEnd;
        Progress step = isLeftOut ? Progress.Done : _headers.Read(ref input, ref _carry);
        if (step is Progress.Failed)
            return Fail(_headers.Error);
        if (step is Progress.More)
            return step;
        BhttpError error = RequestHead.TryCreate(_parts, _headers.Section, out RequestHead? head);
        if (head is null)
            return Fail(error);
        Head = head;
        _body.Start(_isIndeterminate);
        _state = State.Body;
        return Progress.Done;
    }

    private BhttpEvent Truncated()
    {
        Error = BhttpError.Truncated;
        return BhttpEvent.Failed;
    }

    private Progress Fail(BhttpError error)
    {
        Error = error;
        return Progress.Failed;
    }
}
