using System.Text;
using System.Text.Json.Nodes;
using Veil.Attestation;
using Veil.Attestation.Nvidia;
using Veil.Attestation.Snp;

namespace Veil.Common.Tests.Attestation;

public static class AppraisalPolicyTests
{
    private static readonly string Sample = File.ReadAllText(Path.Combine(VectorFile.Root(), "ops", "attestation", "appraisal-policy.json"));

    [Fact]
    public static void The_sample_loads_as_it_stands()
    {
        Assert.True(AppraisalPolicy.TryParse(Encoding.UTF8.GetBytes(Sample), out AppraisalPolicy? policy, out IReadOnlyList<string> problems), string.Join('\n', problems));
        Assert.Empty(problems);
        Assert.Equal("chat.example", policy.Service);
        Assert.Equal(Freshness.Epoch, policy.Freshness);
        Assert.Equal(TimeSpan.FromHours(2), policy.MaxClaimsLifetime);
        Assert.NotNull(policy.Snp);
        Assert.Equal(AmdRoots.All, policy.Snp.TrustedRoots);
        Assert.Equal(new TcbVersion(0, 1, 0, 2, 71), policy.Snp.MinimumTcb[ProductLine.Turin]);
        Assert.Equal(SnpPlatformInfo.AliasCheck, policy.Snp.RequiredPlatformInfo);
        Assert.Equal(65547u, policy.Snp.Signers.Single().MinimumGuestSvn);
        Assert.True(policy.Snp.RequireCrl);
    }

    [Fact]
    public static void What_is_absent_is_safe()
    {
        AppraisalPolicy policy = Read("""{"v":1,"service":"a","kinds":{"sev-snp":{"measurements":["DIGITS"]}}}""".Replace("DIGITS", new string('0', 96), StringComparison.Ordinal));
        var defaults = new SnpPolicy();
        Assert.Equal((Freshness.Epoch, TimeSpan.FromHours(24), TimeSpan.FromMinutes(1)), (policy.Freshness, policy.MaxClaimsLifetime, policy.ClockSkew));
        Assert.Equal((false, false, (byte)0, false, false), (policy.Snp!.AllowDebug, policy.Snp.AllowMigration, policy.Snp.MaxVmpl, policy.Snp.AllowMaskedChipId, policy.Snp.AllowProvisionalFirmware));
        Assert.Empty(policy.Snp.VlekProviders);
        Assert.Equal(SnpGuestPolicy.CxlAllowed, policy.Snp.ForbiddenGuestPolicy);
        Assert.Equal(defaults.TrustedRoots, policy.Snp.TrustedRoots);
    }

    [Fact]
    public static void GPUs_are_asked_for_by_name_and_what_is_absent_is_safe()
    {
        Assert.Null(ReadWithGpu(null).Gpu);
        GpuPolicy gpu = ReadWithGpu("""{"reference_values":[{"index":9,"values":["DIGITS","DIGITS"]},{"index":255,"values":["DIGITS"]}]}""").Gpu!;
        Assert.Equal(new GpuPolicy().TrustedRoots, gpu.TrustedRoots);
        Assert.Equal((false, 1), (gpu.AllowMissingReferenceValues, gpu.MinimumCount));
        Assert.Equal([(9, 2), (255, 1)], gpu.ReferenceValues!.Select(pair => (pair.Key, pair.Value.Count)));
        gpu = ReadWithGpu($$"""{"trusted_roots":["{{new string('0', 64)}}"],"allow_missing_reference_values":true,"min_count":8}""").Gpu!;
        Assert.Equal((1, true, 8, true), (gpu.TrustedRoots.Count, gpu.AllowMissingReferenceValues, gpu.MinimumCount, gpu.ReferenceValues is null));
    }

    [Theory]
    [InlineData("""{}""", "gpu: neither reference_values nor allow_missing_reference_values: nothing is accepted.")]
    [InlineData("""{"reference_values":[]}""", "gpu: neither reference_values nor allow_missing_reference_values: nothing is accepted.")]
    [InlineData("""{"allow_missing_reference_values":true,"trusted_roots":[]}""", "gpu.trusted_roots: an empty list trusts nothing; without it NVIDIA's own root is trusted.")]
    [InlineData("""{"allow_missing_reference_values":true,"min_count":0}""", "gpu.min_count: a whole number from 1 to 16 is wanted.")]
    [InlineData("""{"allow_missing_reference_values":true,"ocsp":true}""", "gpu.ocsp: is no member of a policy.")]
    [InlineData("""{"reference_values":[{"index":1,"values":[]}]}""", "gpu.reference_values[0].values: an empty list accepts nothing.")]
    [InlineData("""{"reference_values":[{"values":["DIGITS"]}]}""", "gpu.reference_values[0].index: is missing.")]
    [InlineData("""{"reference_values":[{"index":1,"values":["DIGITS"]},{"index":1,"values":["DIGITS"]}]}""", "gpu.reference_values[1].index: 1 is there twice.")]
    [InlineData("""{"reference_values":[{"index":1,"values":["00"]}]}""", "gpu.reference_values[0].values[0]: 96 hexadecimal digits are wanted, found 2 characters.")]
    public static void What_is_wrong_with_the_GPUs_is_told_with_its_path(string gpu, string problem)
    {
        Assert.False(TryReadWithGpu(gpu, out _, out IReadOnlyList<string> problems));
        Assert.Equal([problem], problems);
    }

    [Theory]
    [InlineData("service", null, "service: is missing.")]
    [InlineData("v", "2", "v: a whole number from 1 to 1 is wanted.")]
    [InlineData("v", null, "v: is missing.")]
    [InlineData("freshness", "\"never\"", "freshness: one of boot, epoch, nonce is wanted.")]
    [InlineData("max_claims_seconds", "-1", "max_claims_seconds: a whole number from 10 to 604800 is wanted.")]
    [InlineData("clock_skew_seconds", "1.5", "clock_skew_seconds: a whole number from 0 to 600 is wanted.")]
    [InlineData("kinds", "{}", "kinds: at least one kind of evidence is wanted: without one nothing is accepted.")]
    [InlineData("kinds", "{\"sample\":{}}", "kinds.sample: is no member of a policy.")]
    [InlineData("servise", "\"a\"", "servise: is no member of a policy.")]
    [InlineData("kinds.sev-snp.trusted_roots", "[]", "kinds.sev-snp.trusted_roots: an empty list trusts nothing; without it AMD's own roots are trusted.")]
    [InlineData("kinds.sev-snp.trusted_roots", "[\"00\"]", "kinds.sev-snp.trusted_roots[0]: 64 hexadecimal digits are wanted, found 2 characters.")]
    [InlineData("kinds.sev-snp.measurements", "[7]", "kinds.sev-snp.measurements[0]: 96 hexadecimal digits are wanted.")]
    [InlineData("kinds.sev-snp.measurements", "\"00\"", "kinds.sev-snp.measurements: a list is wanted.")]
    [InlineData("kinds.sev-snp.allow_debug", "\"true\"", "kinds.sev-snp.allow_debug: true or false is wanted.")]
    [InlineData("kinds.sev-snp.alow_debug", "false", "kinds.sev-snp.alow_debug: is no member of a policy.")]
    [InlineData("kinds.sev-snp.max_vmpl", "4", "kinds.sev-snp.max_vmpl: a whole number from 0 to 3 is wanted.")]
    [InlineData("kinds.sev-snp.min_abi", "\"1\"", "kinds.sev-snp.min_abi: \"major.minor\" is wanted, each 0 to 255.")]
    [InlineData("kinds.sev-snp.guest_policy.forbidden", "[\"debug\"]", "kinds.sev-snp.guest_policy.forbidden[0]: one of smt, single-socket, cxl, aes-256-xts, rapl-off, ciphertext-hiding, page-swap-disabled is wanted.")]
    [InlineData("kinds.sev-snp.min_tcb.Milan.snp", null, "kinds.sev-snp.min_tcb.Milan.snp: is missing.")]
    [InlineData("kinds.sev-snp.min_tcb.Milan.fmc", "1", "kinds.sev-snp.min_tcb.Milan.fmc: is no member of a policy.")]
    [InlineData("kinds.sev-snp.min_tcb.Naples", "{}", "kinds.sev-snp.min_tcb.Naples: is no member of a policy.")]
    [InlineData("kinds.sev-snp.signers", "[{\"min_guest_svn\":1}]", "kinds.sev-snp.signers[0]: id_key or author_key is wanted.")]
    public static void One_wrong_member_is_one_line_that_names_it(string path, string? value, string expected) => Assert.Equal([expected], Problems(Change(path, value)));

    [Fact]
    public static void All_problems_are_told_at_once()
    {
        string twice = Change("v", "3", Change("freshness", "1", Change("kinds.sev-snp.max_vmpl", "9")));
        Assert.Equal(3, Problems(twice).Count);
    }

    [Fact]
    public static void A_policy_that_could_accept_nothing_is_a_mistake() =>
        Assert.Equal(["kinds.sev-snp: neither measurements nor signers: nothing is accepted."], Problems("""{"v":1,"service":"a","kinds":{"sev-snp":{}}}"""));

    [Fact]
    public static void Software_comes_from_releases_where_they_are_given_and_from_nowhere_else()
    {
        byte[] bare = """{"v":1,"service":"a","kinds":{"sev-snp":{}}}"""u8.ToArray();
        ReferenceValues release = new("sev-snp", new Dictionary<string, ReadOnlyMemory<byte>> { ["measurement"] = new byte[48] });
        ReferenceValues other = new("tdx", new Dictionary<string, ReadOnlyMemory<byte>> { ["mrtd"] = new byte[48] });
        Assert.True(AppraisalPolicy.TryParse(bare, [release, other], out AppraisalPolicy? policy, out _));
        Assert.Equal(new byte[48], policy.Snp!.Measurements.Single().ToArray());
        Assert.True(AppraisalPolicy.TryParse(bare, [], out policy, out _));
        Assert.Empty(policy.Snp!.Measurements);

        Assert.False(AppraisalPolicy.TryParse(Encoding.UTF8.GetBytes(Sample), [release], out _, out IReadOnlyList<string> problems));
        Assert.Equal(["kinds.sev-snp.measurements: comes from releases here.", "kinds.sev-snp.signers: comes from releases here."], problems);
        ReferenceValues wrong = new("sev-snp", new Dictionary<string, ReadOnlyMemory<byte>> { ["measurement"] = new byte[47] });
        Assert.False(AppraisalPolicy.TryParse(bare, [wrong], out _, out problems));
        Assert.Equal(["kinds.sev-snp: a release needs one measurement of 48 bytes."], problems);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"v":1,"v":1,"service":"a","kinds":{}}""")]
    [InlineData("""{"v":1,"service":"a","kinds":{"sev-snp":{"allow_debug":false,"allow_debug":true}}}""")]
    [InlineData("""{"v":1,"service":"\ud800","kinds":{}}""")]
    public static void What_is_no_policy_at_all_is_refused_with_a_reason(string json) => Assert.NotEmpty(Problems(json));

    [Fact]
    public static void Every_truncation_of_the_sample_is_refused()
    {
        byte[] sample = Encoding.UTF8.GetBytes(Sample.TrimEnd());
        for (int size = 0; size < sample.Length; size++)
            Assert.False(AppraisalPolicy.TryParse(sample.AsMemory(0, size), out _, out _));
        Assert.False(AppraisalPolicy.TryParse(new byte[AppraisalPolicy.MaxSize + 1], out _, out IReadOnlyList<string> problems));
        Assert.Single(problems);
    }

    private static AppraisalPolicy Read(string json) =>
        AppraisalPolicy.TryParse(Encoding.UTF8.GetBytes(json), out AppraisalPolicy? policy, out IReadOnlyList<string> problems) ? policy : throw new InvalidOperationException(string.Join('\n', problems));

    private static IReadOnlyList<string> Problems(string json)
    {
        Assert.False(AppraisalPolicy.TryParse(Encoding.UTF8.GetBytes(json), out AppraisalPolicy? policy, out IReadOnlyList<string> problems));
        Assert.Null(policy);
        return problems;
    }

    /// <summary>The sample with one member set to other JSON, or taken out.</summary>
    private static string Change(string path, string? value, string? basis = null)
    {
        JsonNode root = JsonNode.Parse(basis ?? Sample)!;
        string[] names = path.Split('.');
        JsonObject parent = names[..^1].Aggregate(root, (node, name) => node[name]!).AsObject();
        if (value is null)
            parent.Remove(names[^1]);
        else
            parent[names[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }

    private static AppraisalPolicy ReadWithGpu(string? gpu) =>
        TryReadWithGpu(gpu, out AppraisalPolicy? policy, out IReadOnlyList<string> problems) ? policy! : throw new InvalidOperationException(string.Join('\n', problems));

    private static bool TryReadWithGpu(string? gpu, out AppraisalPolicy? policy, out IReadOnlyList<string> problems)
    {
        string json = """{"v":1,"service":"a",""" + (gpu is null ? "" : $"\"gpu\":{gpu},") + "\"kinds\":{\"sev-snp\":{\"measurements\":[\"DIGITS\"]}}}";
        return AppraisalPolicy.TryParse(Encoding.UTF8.GetBytes(json.Replace("DIGITS", new string('0', 96), StringComparison.Ordinal)), out policy, out problems);
    }
}
