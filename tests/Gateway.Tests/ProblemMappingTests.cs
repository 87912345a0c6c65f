using Veil.ServiceDefaults;

namespace Veil.Gateway.Tests;

public static class ProblemMappingTests
{
    [Fact]
    public static void Every_refusal_that_is_answered_has_a_problem()
    {
        foreach (Refusal refusal in Enum.GetValues<Refusal>().Except([Refusal.None, Refusal.RequestAborted]))
        {
            Problem problem = ProblemMapping.For(refusal);
            Assert.InRange(problem.Status, 400, 599);
            Assert.True(problem.Type is ProblemMapping.OhttpKey or ProblemMapping.Date || problem.Type.StartsWith("urn:veil:problem:", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(Refusal.None)]
    [InlineData(Refusal.RequestAborted)]
    internal static void What_is_not_answered_has_none(Refusal refusal) => Assert.Throws<ArgumentOutOfRangeException>(() => ProblemMapping.For(refusal));

    [Fact]
    public static void Failures_to_open_share_one_problem_of_the_registry()
    {
        Problem problem = ProblemMapping.For(Refusal.DecapsulationFailed);
        Assert.Equal((400, "https://iana.org/assignments/http-problem-types#ohttp-key"), (problem.Status, problem.Type));
        Assert.Equal((400, "https://iana.org/assignments/http-problem-types#date"), (ProblemMapping.For(Refusal.DateOutsideWindow).Status, ProblemMapping.For(Refusal.DateOutsideWindow).Type));
    }
}
