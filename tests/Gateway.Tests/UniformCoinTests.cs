using Veil.Gateway.Hosts;

namespace Veil.Gateway.Tests;

public static class UniformCoinTests
{
    [Fact]
    public static void Each_side_comes_as_often_as_the_next()
    {
        const int sides = 5;
        const int flips = 100_000;
        int[] counts = new int[sides];
        for (int i = 0; i < flips; i++)
        {
            counts[UniformCoin.Flip(sides)]++;
        }

        // Chi-square with 4 degrees of freedom exceeds 40 once in 20 million runs.
        double expected = (double)flips / sides;
        Assert.True(counts.Sum(count => (count - expected) * (count - expected) / expected) < 40);
    }

    [Fact]
    public static void One_side_is_certain() => Assert.Equal(0, UniformCoin.Flip(1));
}
