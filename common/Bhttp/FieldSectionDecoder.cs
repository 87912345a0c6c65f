namespace Veil.Bhttp;

/// <summary>
/// Reads one header or trailer section (RFC 9292 section 3.6): field lines behind the section's length, or ended by a zero where
/// a name's length would stand.
/// </summary>
internal struct FieldSectionDecoder(BhttpLimits limits)
{
    private enum State
    {
        SectionLength,
        NameLength,
        Name,
        ValueLength,
        Value,
        Over,
    }

    private State _state;
    private bool _isIndeterminate;
    private bool _isTrailer;
    private bool _hasRegularField;
    private bool _hasStarted;
    private int _left;
    private int _length;
    private string _name = "";

    /// <summary>The section that is being read.</summary>
    public FieldSection Section { get; private set; } = new();

    /// <summary>Why the section was refused.</summary>
    public BhttpError Error { get; private set; }

    /// <summary>True where a sender may stop because all that follows is empty (section 3.8).</summary>
    public readonly bool MayEnd => _state is State.SectionLength || (_state is State.NameLength && _isIndeterminate && Section.Count is 0);

    /// <summary>Begins a section.</summary>
    /// <param name="isIndeterminate">Ended by a zero rather than preceded by a length.</param>
    /// <param name="isTrailer">No pseudo-field may be in it.</param>
    /// <param name="budget">The most bytes that it may take.</param>
    public void Start(bool isIndeterminate, bool isTrailer, int budget)
    {
        _isIndeterminate = isIndeterminate;
        _isTrailer = isTrailer;
        _hasRegularField = false;
        _left = budget;
        _state = isIndeterminate ? State.NameLength : State.SectionLength;
        if (_hasStarted)
            Section = new FieldSection();
        _hasStarted = true;
    }

    /// <summary>Reads on.</summary>
    public Progress Read(scoped ref ReadOnlySpan<byte> input, ref Carry carry)
    {
        while (_state is not State.Over)
        {
            Progress step = _state switch
            {
                State.SectionLength => ReadSectionLength(ref input, ref carry),
                State.NameLength => ReadNameLength(ref input, ref carry),
                State.Name => ReadName(ref input, ref carry),
                State.ValueLength => ReadValueLength(ref input, ref carry),
                _ => ReadValue(ref input, ref carry),
            };
            if (step is not Progress.Done)
                return step;
        }

        return Progress.Done;
    }

    private Progress ReadSectionLength(scoped ref ReadOnlySpan<byte> input, ref Carry carry)
    {
        if (!carry.TryTakeVarint(ref input, out ulong length, out _))
            return Progress.More;
        if (length > (ulong)_left)
            return Fail(BhttpError.HeadTooLarge);
        _left = (int)length;
        return Go(_left is 0 ? State.Over : State.NameLength);
    }

    private Progress ReadNameLength(scoped ref ReadOnlySpan<byte> input, ref Carry carry)
    {
        Progress step = ReadLength(ref input, ref carry, limits.NameBytes);
        if (step is not Progress.Done)
            return step;
        if (_length is 0)
            return _isIndeterminate ? Go(State.Over) : Fail(BhttpError.BadFieldName);
        return Section.Count < limits.FieldLines ? Go(State.Name) : Fail(BhttpError.TooManyFieldLines);
    }

    private Progress ReadName(scoped ref ReadOnlySpan<byte> input, ref Carry carry)
    {
        if (!carry.TryTake(ref input, _length, out ReadOnlySpan<byte> name))
            return Progress.More;
        bool isPseudo = name[0] is (byte)':';
        if (!FieldRules.IsName(isPseudo ? name[1..] : name))
            return Fail(BhttpError.BadFieldName);
        if (isPseudo && (_isTrailer || _hasRegularField || FieldRules.IsControlDataName(name)))
            return Fail(BhttpError.BadPseudoField);
        _hasRegularField |= !isPseudo;
        _name = WellKnownText.Read(name);
        return Go(State.ValueLength);
    }

    private Progress ReadValueLength(scoped ref ReadOnlySpan<byte> input, ref Carry carry)
    {
        Progress step = ReadLength(ref input, ref carry, limits.ValueBytes);
        return step is Progress.Done ? Go(State.Value) : step;
    }

    private Progress ReadValue(scoped ref ReadOnlySpan<byte> input, ref Carry carry)
    {
        if (!carry.TryTake(ref input, _length, out ReadOnlySpan<byte> value))
            return Progress.More;
        if (!FieldRules.IsValue(value))
            return Fail(BhttpError.BadFieldValue);
        Section.Append(new FieldLine(_name, WellKnownText.Read(value)));
        return Go(_left is 0 && !_isIndeterminate ? State.Over : State.NameLength);
    }

    /// <summary>A length and, at once, the place for what it announces: both come out of what the section has left.</summary>
    private Progress ReadLength(scoped ref ReadOnlySpan<byte> input, ref Carry carry, int most)
    {
        if (!carry.TryTakeVarint(ref input, out ulong length, out int size))
            return Progress.More;
        if (length + (ulong)size > (ulong)_left)
            return Fail(_isIndeterminate ? BhttpError.HeadTooLarge : BhttpError.SectionOverrun);
        if (length > (ulong)most)
            return Fail(BhttpError.HeadTooLarge);
        _length = (int)length;
        _left -= size + _length;
        return Progress.Done;
    }

    private Progress Go(State state)
    {
        _state = state;
        return Progress.Done;
    }

    private Progress Fail(BhttpError error)
    {
        Error = error;
        return Progress.Failed;
    }
}
