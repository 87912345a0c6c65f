namespace Veil.Bench;

/// <summary>
/// A process that a bench measures from outside: this program started again as <c>child NAME ARGUMENTS</c>.
/// A class that implements this is registered by being there.
/// </summary>
internal interface IBenchChild
{
    /// <summary>The name behind <c>child</c>.</summary>
    string Name { get; }

    /// <summary>Runs until the bench ends it; the result is the exit code.</summary>
    Task<int> RunAsync(string[] args);
}
