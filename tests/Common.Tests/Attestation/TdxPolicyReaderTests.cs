using System.Text;
using Veil.Attestation;
using Veil.Attestation.Tdx;

namespace Veil.Common.Tests.Attestation;

public static class TdxPolicyReaderTests
{
    private static readonly string Digits = new('a', 96);

    [Fact]
    public static void What_is_absent_is_safe()
    {
        TdxPolicy policy = Read($$"""{"images":[{"mrtd":"{{Digits}}"}]}""");
        Assert.Equal(IntelRoots.All, policy.TrustedRoots);
        Assert.Equal([TcbStatus.UpToDate], policy.TcbStatuses);
        Assert.False(policy.AllowDebug);
        Assert.True(policy.RequireCrl);
        Assert.Equal(TdAttributes.SeptVeDisable, policy.RequiredAttributes);
        Assert.Equal(TdAttributes.Migratable | TdAttributes.Perfmon, policy.ForbiddenAttributes);
    }

    [Fact]
    public static void Every_member_is_read()
    {
        TdxPolicy policy = Read($$"""
            {"trusted_roots":["{{Digits[..64]}}"],"images":[{"mrtd":"{{Digits}}","rtmr0":"{{Digits}}","rtmr1":"{{Digits}}","rtmr2":"{{Digits}}","rtmr3":"{{Digits}}"}],
             "tcb_statuses":["UpToDate","SWHardeningNeeded"],"min_tcb_evaluation":17,"allow_debug":true,"td_attributes":{"required":["pks"],"forbidden":["perfmon"]},
             "xfam":["00000000000642e7"],"modules":["{{Digits}}"],"config_ids":["{{Digits}}"],"owners":["{{Digits}}"],"owner_configs":["{{Digits}}"],"service_tds":["{{Digits}}"],"require_crl":false}
            """);
        Assert.Equal([TcbStatus.UpToDate, TcbStatus.SWHardeningNeeded], policy.TcbStatuses);
        Assert.Equal((17u, true, false, TdAttributes.Pks, TdAttributes.Perfmon), (policy.MinimumEvaluationNumber, policy.AllowDebug, policy.RequireCrl, policy.RequiredAttributes, policy.ForbiddenAttributes));
        Assert.Equal([0x642e7UL], policy.Xfam);
        Assert.All(
            new[] { policy.Modules, policy.ConfigIds, policy.Owners, policy.OwnerConfigs, policy.ServiceTds, policy.TrustedRoots },
            values => Assert.Equal(0xaa, Assert.Single(values).Span[0]));
        TdxImage image = Assert.Single(policy.Images);
        Assert.All(new[] { image.Mrtd, image.Rtmr0, image.Rtmr1, image.Rtmr2, image.Rtmr3 }, value => Assert.Equal(48, value!.Value.Length));
    }

    [Theory]
    [InlineData("""{}""", "kinds.tdx: no images: nothing is accepted.")]
    [InlineData("""{"images":[{}]}""", "kinds.tdx.images[0].mrtd: is missing.")]
    [InlineData("""{"images":[{"mrtd":"DIGITS"}],"trusted_roots":[]}""", "kinds.tdx.trusted_roots: an empty list trusts nothing; without it Intel's own root is trusted.")]
    [InlineData("""{"images":[{"mrtd":"DIGITS"}],"tcb_statuses":[]}""", "kinds.tdx.tcb_statuses: an empty list accepts nothing.")]
    [InlineData("""{"images":[{"mrtd":"DIGITS","rtmr4":"DIGITS"}]}""", "kinds.tdx.images[0].rtmr4: is no member of a policy.")]
    public static void What_is_wrong_is_told_with_its_path(string tdx, string problem)
    {
        Assert.False(TryRead(tdx, out _, out IReadOnlyList<string> problems));
        Assert.Equal([problem], problems);
    }

    [Fact]
    public static void Registers_that_a_release_does_not_name_are_not_asked_for()
    {
        ReferenceValues[] releases = [new("tdx", new Dictionary<string, ReadOnlyMemory<byte>> { ["mrtd"] = new byte[48], ["rtmr1"] = new byte[48] })];
        Assert.True(AppraisalPolicy.TryParse("""{"v":1,"service":"a","kinds":{"tdx":{}}}"""u8.ToArray(), releases, out AppraisalPolicy? policy, out _));
        TdxImage image = Assert.Single(policy.Tdx!.Images);
        Assert.Equal((false, true, false, false), (image.Rtmr0.HasValue, image.Rtmr1.HasValue, image.Rtmr2.HasValue, image.Rtmr3.HasValue));
    }

    [Fact]
    public static void A_revoked_platform_cannot_be_listed()
    {
        Assert.False(TryRead("""{"images":[{"mrtd":"DIGITS"}],"tcb_statuses":["UpToDate","Revoked"]}""", out _, out IReadOnlyList<string> problems));
        Assert.StartsWith("kinds.tdx.tcb_statuses:", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static TdxPolicy Read(string tdx)
    {
        Assert.True(TryRead(tdx, out AppraisalPolicy? policy, out IReadOnlyList<string> problems), string.Join('\n', problems));
        return policy!.Tdx!;
    }

    private static bool TryRead(string tdx, out AppraisalPolicy? policy, out IReadOnlyList<string> problems) =>
        AppraisalPolicy.TryParse(
            Encoding.UTF8.GetBytes("""{"v":1,"service":"a","kinds":{"tdx":TDX}}""".Replace("TDX", tdx, StringComparison.Ordinal).Replace("DIGITS", Digits, StringComparison.Ordinal)), out policy, out problems);
}
