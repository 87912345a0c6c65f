namespace Veil.Attestation;

/// <summary>Collects the checks of an appraisal that is under way.</summary>
internal sealed class VerdictBuilder
{
    private readonly List<AppraisalCheck> _checks = [];

    /// <summary>True while no check has failed.</summary>
    public bool AllPassed { get; private set; } = true;

    /// <summary>Records one check and gives its outcome back.</summary>
    public bool Check(string name, bool passed, string found, string wanted)
    {
        _checks.Add(new(name, passed, found, wanted));
        AllPassed &= passed;
        return passed;
    }

    /// <summary>Records how a parser ended.</summary>
    public bool CheckParsed(string name, bool parsed, AttestationError error) => Check(name, parsed, error.ToString(), nameof(AttestationError.None));

    /// <summary>The verdict so far.</summary>
    public Verdict ToVerdict() => new(_checks.AsReadOnly());
}
