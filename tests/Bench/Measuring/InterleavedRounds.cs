namespace Veil.Bench.Measuring;

/// <summary>
/// Measures several works in turn, round after round, so that a machine that slows down or speeds up does so for all of them,
/// and keeps each one's best round: noise only ever adds time.
/// </summary>
internal static class InterleavedRounds
{
    /// <summary>Best thread-CPU time per operation in microseconds, in the order of <paramref name="works"/>.</summary>
    /// <param name="rounds">How often each work is measured.</param>
    /// <param name="operations">Operations per round; a warm-up of the same length comes first.</param>
    /// <param name="works">Each performs one operation on the calling thread.</param>
    public static double[] BestMicroseconds(int rounds, int operations, params Action[] works)
    {
        double[] best = new double[works.Length];
        Array.Fill(best, double.MaxValue);
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < works.Length; i++)
            {
                double took = Microseconds(operations, works[i]);
                if (round >= 0)
                    best[i] = Math.Min(best[i], took);
            }
        }

        return best;
    }

    /// <summary>Bytes that one operation allocates on the calling thread, once warm.</summary>
    public static double AllocatedBytes(int operations, Action work)
    {
        work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < operations; i++)
            work();
        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / operations;
    }

    private static double Microseconds(int operations, Action work)
    {
        long start = CpuClock.ThreadNanoseconds();
        for (int i = 0; i < operations; i++)
            work();
        return (CpuClock.ThreadNanoseconds() - start) / 1000.0 / operations;
    }
}
