namespace Veil.Bhttp;

/// <summary>
/// Reads a message of either framing from pieces of any size (RFC 9292 section 3), keeping no more than the field that a piece cuts: what requests
/// and responses share. The same bytes give the same events however they are cut.
/// </summary>
public abstract class BhttpDecoder
{
    private enum Stage
    {
        Head,
        Body,
        Over,
    }

    private BodyDecoder _body;
    private Stage _stage;
    private BhttpEvent _last;

    private protected BhttpDecoder(BhttpLimits? limits)
    {
        Limits = limits ?? BhttpLimits.Default;
        HeaderSection = new(Limits);
        _body = new(Limits);
    }

    /// <summary>The trailer section, empty before the Trailers event and when there is none.</summary>
    public FieldSection Trailers => _body.Trailers;

    /// <summary>Why the message was refused; set with the Failed event.</summary>
    public BhttpError Error { get; private set; }

    /// <summary>Bounds of everything that is kept.</summary>
    private protected BhttpLimits Limits { get; }

    /// <summary>The element that the input has not completed.</summary>
    private protected Carry Carry;

    /// <summary>Reads header sections.</summary>
    private protected FieldSectionDecoder HeaderSection;

    /// <summary>True once the head is complete.</summary>
    private protected bool IsInBody => _stage is Stage.Body;

    /// <summary>Reads up to the next event. Call again, with what was not consumed and what follows it, until End or Failed.</summary>
    /// <param name="input">Untrusted bytes.</param>
    /// <param name="endOfInput">True when nothing will follow <paramref name="input"/>.</param>
    /// <param name="consumed">How much was read; all of it when more is needed.</param>
    /// <param name="content">With the Content event, a piece of <paramref name="input"/>.</param>
    public BhttpEvent Read(ReadOnlySpan<byte> input, bool endOfInput, out int consumed, out ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> rest = input;
        content = default;
        if (_stage is not Stage.Over)
            _last = _stage is Stage.Body ? ReadBody(ref rest, endOfInput, out content) : ReadHead(ref rest, endOfInput);
        consumed = input.Length - rest.Length;
        if (_last is BhttpEvent.End or BhttpEvent.Failed)
            _stage = Stage.Over;
        return _last;
    }

    /// <summary>Reads up to the next event before the content.</summary>
    private protected abstract BhttpEvent ReadHead(scoped ref ReadOnlySpan<byte> input, bool endOfInput);

    /// <summary>The head is complete: what follows is content.</summary>
    private protected void StartBody(bool isIndeterminate)
    {
        _body.Start(isIndeterminate);
        _stage = Stage.Body;
    }

    private protected BhttpEvent Truncated()
    {
        Error = BhttpError.Truncated;
        return BhttpEvent.Failed;
    }

    private protected Progress Fail(BhttpError error)
    {
        Error = error;
        return Progress.Failed;
    }

    private BhttpEvent ReadBody(scoped ref ReadOnlySpan<byte> input, bool endOfInput, out ReadOnlySpan<byte> content)
    {
        BhttpEvent found = _body.Read(ref input, ref Carry, endOfInput, out content);
        Error = _body.Error;
        return found;
    }
}
