using Veil.Attestation;

namespace Veil.Common.Tests.Attestation;

public static class VerdictTests
{
    [Fact]
    public static void Without_any_check_nothing_passed() => Assert.False(new VerdictBuilder().ToVerdict().Passed);

    [Fact]
    public static void Checks_stand_in_the_group_that_was_open_and_in_order_in_the_whole()
    {
        var checks = new VerdictBuilder();
        using (checks.Open(GroupNames.Evidence))
        {
            checks.Check(CheckNames.ReportFormat, passed: true, "a", "a", "report");
            using (checks.Open(GroupNames.Gpu))
                checks.Check(CheckNames.ReportSignature, passed: true, "a", "a", "report");
        }

        using (checks.Open(GroupNames.Policy))
            checks.Check(CheckNames.Debug, passed: true, "a", "a", "report");
        using (checks.Open(GroupNames.Evidence))
            checks.Check(CheckNames.ReportData, passed: true, "a", "a", "report");

        Verdict verdict = checks.ToVerdict();
        Assert.Equal([GroupNames.Evidence, GroupNames.Policy], verdict.Root.Groups.Select(group => group.Name));
        Assert.Equal([CheckNames.ReportFormat, CheckNames.ReportData], verdict.Root.Groups[0].Checks.Select(check => check.Name));
        Assert.Equal([CheckNames.ReportSignature], verdict.Root.Groups[0].Groups.Single().Checks.Select(check => check.Name));
        Assert.Equal([CheckNames.ReportFormat, CheckNames.ReportSignature, CheckNames.Debug, CheckNames.ReportData], verdict.Checks.Select(check => check.Name));
        Assert.Equal("passed", verdict.ToString());
    }

    [Fact]
    public static void A_failure_below_fails_the_groups_above_and_names_the_nearest_value()
    {
        var checks = new VerdictBuilder();
        using (checks.Open(GroupNames.Evidence))
        using (checks.Open(GroupNames.Gpu))
        {
            Assert.True(checks.Check(CheckNames.ReportFormat, passed: true, "5", "5", "report", nearest: "5"));
            Assert.False(checks.Check(CheckNames.MinimumTcb, passed: false, "4", "5 or 7", "report", nearest: "5"));
        }

        Verdict verdict = checks.ToVerdict();
        Assert.False(checks.AllPassed);
        Assert.Equal(CheckOutcome.Failed, verdict.Root.Groups[0].Outcome);
        Assert.Equal([null, "5"], verdict.Checks.Select(check => check.Nearest));
        Assert.Equal(CheckNames.MinimumTcb, verdict.ToString());
    }

    [Fact]
    public static void A_gap_is_a_failure_unless_accepted_and_never_counts_as_passed()
    {
        var refusing = new VerdictBuilder();
        Assert.False(refusing.Gap(CheckNames.Measurement, accepted: false, "a", "b", "report"));
        Assert.False(refusing.AllPassed);
        Assert.False(refusing.ToVerdict().Passed);

        var accepting = new VerdictBuilder();
        accepting.Check(CheckNames.Debug, passed: true, "a", "a", "report");
        Assert.True(accepting.Gap(CheckNames.Measurement, accepted: true, "a", "b", "report"));
        Verdict verdict = accepting.ToVerdict();
        Assert.True(verdict.Passed);
        Assert.False(verdict.Checks[1].Passed);
        Assert.Equal(CheckOutcome.Gap, verdict.Root.Outcome);
        Assert.Equal("passed but for measurement", verdict.ToString());
    }
}
