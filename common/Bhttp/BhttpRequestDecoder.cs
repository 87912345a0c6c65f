namespace Veil.Bhttp;

/// <summary>Reads a request of either framing (RFC 9292 section 3). Events come in the order Head, Content*, Trailers?, End.</summary>
/// <param name="limits">Bounds; null for the defaults.</param>
public sealed class BhttpRequestDecoder(BhttpLimits? limits = null) : BhttpDecoder(limits)
{
    private enum State
    {
        Framing,
        PartLength,
        Part,
        Headers,
    }

    private readonly string[] _parts = new string[4];
    private State _state;
    private bool _isIndeterminate;
    private int _part;
    private int _length;
    private int _budget = (limits ?? BhttpLimits.Default).HeadBytes;

    /// <summary>Control data and header section; set from the Head event on.</summary>
    public RequestHead? Head { get; private set; }

    private protected override BhttpEvent ReadHead(scoped ref ReadOnlySpan<byte> input, bool endOfInput)
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
            if (IsInBody)
                return BhttpEvent.Head;
            if (step is Progress.More)
                return endOfInput ? Truncated() : BhttpEvent.NeedMoreInput;
        }
    }

    private Progress ReadFraming(scoped ref ReadOnlySpan<byte> input)
    {
        if (!Carry.TryTakeVarint(ref input, out ulong framing, out _))
            return Progress.More;
        if (framing is not ((ulong)Framing.KnownLengthRequest or (ulong)Framing.IndeterminateLengthRequest))
            return Fail(BhttpError.BadFraming);
        _isIndeterminate = framing is (ulong)Framing.IndeterminateLengthRequest;
        _state = State.PartLength;
        return Progress.Done;
    }

    private Progress ReadPartLength(scoped ref ReadOnlySpan<byte> input)
    {
        if (!Carry.TryTakeVarint(ref input, out ulong length, out int size))
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
        if (!Carry.TryTake(ref input, _length, out ReadOnlySpan<byte> part))
            return Progress.More;
        _parts[_part++] = WellKnownText.Read(part);
        _state = _part < _parts.Length ? State.PartLength : State.Headers;
        if (_state is State.Headers)
            HeaderSection.Start(_isIndeterminate, isTrailer: false, _budget);
        return Progress.Done;
    }

    private Progress ReadHeaders(scoped ref ReadOnlySpan<byte> input, bool endOfInput)
    {
        bool isLeftOut = endOfInput && input.IsEmpty && Carry.IsEmpty && HeaderSection.MayEnd;
        Progress step = isLeftOut ? Progress.Done : HeaderSection.Read(ref input, ref Carry);
        if (step is Progress.Failed)
            return Fail(HeaderSection.Error);
        if (step is Progress.More)
            return step;
        BhttpError error = RequestHead.TryCreate(_parts, HeaderSection.Section, out RequestHead? head);
        if (head is null)
            return Fail(error);
        Head = head;
        StartBody(_isIndeterminate);
        return Progress.Done;
    }
}
