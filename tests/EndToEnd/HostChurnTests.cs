using Veil.Proofs;
using Veil.Proofs.Hosts;

namespace Veil.EndToEnd;

/// <summary>Hosts come and go under load; the full size is <c>ops/prove.sh host-churn</c>.</summary>
public sealed class HostChurnTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Hosts_that_drain_fail_nobody_and_hosts_that_are_killed_fail_by_name_only_what_they_had_begun_to_answer()
    {
        ProofResult result = await new HostChurnProof().RunAsync(new ProofContext(Full: false, Seed: 42, output.WriteLine, TestContext.Current.CancellationToken));
        output.WriteLine(string.Join(", ", result.Figures));
        Assert.True(result.Passed, string.Join(", ", result.Figures));
    }
}
