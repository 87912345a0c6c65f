namespace Veil.Attestation;

/// <summary>
/// Collects the checks of an appraisal that is under way. Checks go into the innermost open group:
/// <code>using (checks.Open(GroupNames.Endorsements)) { checks.Check(…); }</code>
/// </summary>
internal sealed class VerdictBuilder
{
    private readonly List<AppraisalCheck> _checks = [];
    private readonly List<Deadline> _deadlines = [];
    private readonly Node _root = new(string.Empty);
    private readonly Stack<Node> _open = new();

    /// <summary>True while no check has failed.</summary>
    public bool AllPassed { get; private set; } = true;

    private Node Current => _open.TryPeek(out Node? node) ? node : _root;

    /// <summary>Opens a group under the current one until the result is disposed; a group of that name that is there already is continued.</summary>
    public OpenGroup Open(string name)
    {
        Node? node = Current.Groups.Find(group => group.Name == name);
        if (node is null)
        {
            node = new(name);
            Current.Groups.Add(node);
        }

        _open.Push(node);
        return new(this);
    }

    /// <summary>Records one check and gives its outcome back.</summary>
    /// <param name="name">One of <see cref="CheckNames"/>.</param>
    /// <param name="passed">The outcome.</param>
    /// <param name="found">What there was.</param>
    /// <param name="wanted">What is accepted.</param>
    /// <param name="source">Where <paramref name="found"/> comes from.</param>
    /// <param name="nearest">The nearest accepted value; dropped where the check passed.</param>
    public bool Check(string name, bool passed, string found, string wanted, string source, string? nearest = null)
    {
        Add(new(name, passed ? CheckOutcome.Passed : CheckOutcome.Failed, found, wanted, source, passed ? null : nearest));
        return passed;
    }

    /// <summary>Records how a parser ended.</summary>
    public bool CheckParsed(string name, bool parsed, AttestationError error, string source) =>
        Check(name, parsed, parsed ? "well-formed" : error.ToString(), "well-formed", source);

    /// <summary>Records that nothing can judge this: a gap where that is accepted, else a failure.</summary>
    /// <returns><paramref name="accepted"/>.</returns>
    public bool Gap(string name, bool accepted, string found, string wanted, string source)
    {
        Add(new(name, accepted ? CheckOutcome.Gap : CheckOutcome.Failed, found, wanted, source));
        return accepted;
    }

    /// <summary>Records until when a check passes that passes now.</summary>
    public void Until(string name, DateTimeOffset at, string source) => _deadlines.Add(new(name, at, source));

    /// <summary>The verdict so far.</summary>
    public Verdict ToVerdict() => new(_root.ToGroup(), [.. _checks], [.. _deadlines.OrderBy(deadline => deadline.At)]);

    private void Add(AppraisalCheck check)
    {
        _checks.Add(check);
        Current.Checks.Add(check);
        AllPassed &= check.Outcome is not CheckOutcome.Failed;
    }

    /// <summary>Closes the group when it is disposed.</summary>
    public readonly struct OpenGroup(VerdictBuilder builder) : IDisposable
    {
        /// <summary>Closes the innermost group.</summary>
        public void Dispose() => builder._open.Pop();
    }

    private sealed class Node(string name)
    {
        public string Name => name;

        public List<AppraisalCheck> Checks { get; } = [];

        public List<Node> Groups { get; } = [];

        public CheckGroup ToGroup() => new(name, [.. Checks], [.. Groups.Select(group => group.ToGroup())]);
    }
}
