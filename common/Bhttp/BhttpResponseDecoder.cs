namespace Veil.Bhttp;

/// <summary>
/// Reads a response of either framing from pieces of any size (RFC 9292 section 3), keeping no more than the field that a piece
/// cuts. Events come in the order Informational*, Head, Content*, Trailers?, End; the same bytes give the same events however they are cut.
/// </summary>
/// <param name="limits">Bounds; null for the defaults.</param>
public sealed class BhttpResponseDecoder(BhttpLimits? limits = null)
{
    private enum State
    {
        Framing,
        Status,
        Headers,
        Body,
        Over,
    }

    private readonly BhttpLimits _limits = limits ?? BhttpLimits.Default;
    private FieldSectionDecoder _headers = new(limits ?? BhttpLimits.Default);
    private BodyDecoder _body = new(limits ?? BhttpLimits.Default);
    private Carry _carry;
    private State _state;
    private BhttpEvent _last;
    private bool _isIndeterminate;
    private int _informational;
    private int _status;

    /// <summary>The informational response of the last Informational event.</summary>
    public ResponseHead? Informational { get; private set; }

    /// <summary>Final status and header section; set from the Head event on.</summary>
    public ResponseHead? Head { get; private set; }

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
            State from = _state;
            Progress step = from switch
            {
                State.Framing => ReadFraming(ref input),
                State.Status => ReadStatus(ref input),
                _ => ReadHeaders(ref input, endOfInput),
            };
            if (step is Progress.Failed)
                return BhttpEvent.Failed;
            if (_state is State.Body)
                return BhttpEvent.Head;
            if (from is State.Headers && _state is State.Status)
                return BhttpEvent.Informational;
            if (step is Progress.More)
                return endOfInput ? Truncated() : BhttpEvent.NeedMoreInput;
        }
    }

    private Progress ReadFraming(scoped ref ReadOnlySpan<byte> input)
    {
        if (!_carry.TryTakeVarint(ref input, out ulong framing, out _))
            return Progress.More;
        if (framing is not ((ulong)Framing.KnownLengthResponse or (ulong)Framing.IndeterminateLengthResponse))
            return Fail(BhttpError.BadFraming);
        _isIndeterminate = framing is (ulong)Framing.IndeterminateLengthResponse;
        _state = State.Status;
        return Progress.Done;
    }

    private Progress ReadStatus(scoped ref ReadOnlySpan<byte> input)
    {
        if (!_carry.TryTakeVarint(ref input, out ulong status, out int size))
            return Progress.More;
        if (status is < 100 or > 599)
            return Fail(BhttpError.BadStatus);
        _status = (int)status;
        if (_status < 200 && ++_informational > _limits.InformationalResponses)
            return Fail(BhttpError.TooManyInformationalResponses);
        _headers.Start(_isIndeterminate, isTrailer: false, Math.Max(0, _limits.HeadBytes - size));
        _state = State.Headers;
        return Progress.Done;
    }

    private Progress ReadHeaders(scoped ref ReadOnlySpan<byte> input, bool endOfInput)
    {
        bool isLeftOut = endOfInput && input.IsEmpty && _carry.IsEmpty && _headers.MayEnd && _status >= 200;
        Progress step = isLeftOut ? Progress.Done : _headers.Read(ref input, ref _carry);
        if (step is Progress.Failed)
            return Fail(_headers.Error);
        if (step is Progress.More)
            return step;
        var head = new ResponseHead(_status, _headers.Section);
        if (head.IsInformational)
        {
            Informational = head;
            _state = State.Status;
            return Progress.Done;
        }

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
