namespace Veil.Bhttp;

/// <summary>Reads a response of either framing (RFC 9292 section 3). Events come in the order Informational*, Head, Content*, Trailers?, End.</summary>
/// <param name="limits">Bounds; null for the defaults.</param>
public sealed class BhttpResponseDecoder(BhttpLimits? limits = null) : BhttpDecoder(limits)
{
    private enum State
    {
        Framing,
        Status,
        Headers,
    }

    private State _state;
    private bool _isIndeterminate;
    private int _informational;
    private int _status;

    /// <summary>The informational response of the last Informational event.</summary>
    public ResponseHead? Informational { get; private set; }

    /// <summary>Final status and header section; set from the Head event on.</summary>
    public ResponseHead? Head { get; private set; }

    private protected override BhttpEvent ReadHead(scoped ref ReadOnlySpan<byte> input, bool endOfInput)
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
            if (IsInBody)
                return BhttpEvent.Head;
            if (from is State.Headers && _state is State.Status)
                return BhttpEvent.Informational;
            if (step is Progress.More)
                return endOfInput ? Truncated() : BhttpEvent.NeedMoreInput;
        }
    }

    private Progress ReadFraming(scoped ref ReadOnlySpan<byte> input)
    {
        if (!Carry.TryTakeVarint(ref input, out ulong framing, out _))
            return Progress.More;
        if (framing is not ((ulong)Framing.KnownLengthResponse or (ulong)Framing.IndeterminateLengthResponse))
            return Fail(BhttpError.BadFraming);
        _isIndeterminate = framing is (ulong)Framing.IndeterminateLengthResponse;
        _state = State.Status;
        return Progress.Done;
    }

    private Progress ReadStatus(scoped ref ReadOnlySpan<byte> input)
    {
        if (!Carry.TryTakeVarint(ref input, out ulong status, out int size))
            return Progress.More;
        if (status is < 100 or > 599)
            return Fail(BhttpError.BadStatus);
        _status = (int)status;
        if (_status < 200 && ++_informational > Limits.InformationalResponses)
            return Fail(BhttpError.TooManyInformationalResponses);
        HeaderSection.Start(_isIndeterminate, isTrailer: false, Math.Max(0, Limits.HeadBytes - size));
        _state = State.Headers;
        return Progress.Done;
    }

    private Progress ReadHeaders(scoped ref ReadOnlySpan<byte> input, bool endOfInput)
    {
        bool isLeftOut = endOfInput && input.IsEmpty && Carry.IsEmpty && HeaderSection.MayEnd && _status >= 200;
        Progress step = isLeftOut ? Progress.Done : HeaderSection.Read(ref input, ref Carry);
        if (step is Progress.Failed)
            return Fail(HeaderSection.Error);
        if (step is Progress.More)
            return step;
        var head = new ResponseHead(_status, HeaderSection.Section);
        if (head.IsInformational)
        {
            Informational = head;
            _state = State.Status;
            return Progress.Done;
        }

        Head = head;
        StartBody(_isIndeterminate);
        return Progress.Done;
    }
}
