using System.Diagnostics;

namespace Veil.Fuzz;

/// <summary>
/// Mutates every target's corpus for <c>VEIL_FUZZ_SECONDS</c> each (default 15) under the seed <c>VEIL_FUZZ_SEED</c> (default 42).
/// The thread that asks for a target runs it; one more thread works through the others meanwhile, so that at most two cores are busy.
/// </summary>
public sealed class Campaign : IDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(Setting("VEIL_FUZZ_SECONDS", 15));
    private static readonly int Seed = Setting("VEIL_FUZZ_SEED", 42);

    private readonly Dictionary<string, Lazy<MutationRun>> _runs;
    private readonly Thread? _ahead;
    private volatile bool _stopping;

    public Campaign()
    {
        _runs = FuzzTarget.All.ToDictionary(target => target.Name, target => new Lazy<MutationRun>(() => Mutate(target)), StringComparer.Ordinal);
        if (Environment.ProcessorCount < 2)
            return;
        _ahead = new Thread(RunAhead) { IsBackground = true, Name = "fuzz ahead" };
        _ahead.Start();
    }

    /// <summary>What mutation of one target found; runs it when no other thread has.</summary>
    public MutationRun Run(string target) => _runs[target].Value;

    public void Dispose()
    {
        _stopping = true;
        _ahead?.Join();
    }

    private void RunAhead()
    {
        foreach (Lazy<MutationRun> run in _runs.Values.Reverse())
        {
            if (_stopping)
                return;
            if (!run.IsValueCreated)
                _ = run.Value;
        }
    }

    /// <summary>Mutates until <paramref name="goOn"/> says no or an input makes the target throw.</summary>
    internal static MutationRun Mutate(FuzzTarget target, IReadOnlyList<byte[]> corpus, int seed, Func<bool> goOn)
    {
        var mutator = new Mutator(corpus, new Random(seed));
        long inputs = 0;
        while (goOn())
        {
            byte[] input = mutator.Next();
            inputs++;
            try
            {
                target.Fuzz(input);
            }
            catch (Exception failure)
            {
                return new MutationRun(inputs, $"{target.Name}, seed {seed}, input {inputs}: {Convert.ToHexStringLower(input)}\n{failure}");
            }
        }

        return new MutationRun(inputs, null);
    }

    private MutationRun Mutate(FuzzTarget target)
    {
        var clock = Stopwatch.StartNew();
        return Mutate(target, [.. Corpus.Of(target).Select(input => input.Bytes)], Seed, () => clock.Elapsed < Budget && !_stopping);
    }

    private static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out int value) ? value : otherwise;
}
