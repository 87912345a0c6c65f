namespace Veil.Bench;

/// <summary>One hot path, measured against a baseline in the same run. A class that implements this is registered by being there.</summary>
internal interface IBench
{
    /// <summary>The name on the command line.</summary>
    string Name { get; }

    /// <summary>One line for the list.</summary>
    string Description { get; }

    /// <summary>Measures for some seconds and returns its figures.</summary>
    Task<IReadOnlyList<BenchResult>> RunAsync();
}
