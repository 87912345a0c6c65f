namespace Veil.ClientCli;

/// <summary>What one step of the examination found; a remedy where it failed.</summary>
internal sealed record Finding(string Step, bool Passed, string Found, string? Remedy = null)
{
    /// <summary>A line for people.</summary>
    public override string ToString() =>
        $"{(Passed ? "ok    " : "FAILED")}  {Step,-10} {Found}{(Remedy is null ? "" : $"{Environment.NewLine}                   → {Remedy}")}";
}
