using Veil.Proofs;
using Veil.Proofs.Databases;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class AtMostOnceTests
{
    private const string NoTrace = "strace is not installed, or this sandbox does not let it trace.";

    [Fact]
    public async Task Killing_the_issuer_at_random_loses_no_token_and_doubles_none() => await AssertShown(AtMostOnceProof.OnSqliteAsync);

    [Fact]
    public async Task Killing_replicas_on_one_database_at_random_loses_no_token_and_doubles_none()
    {
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        await AssertShown(AtMostOnceProof.OnPostgresAsync);
    }

    [Fact]
    public async Task Killing_the_primary_and_promoting_its_synchronous_standby_loses_no_token_and_doubles_none()
    {
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        await AssertShown(AtMostOnceProof.OverAFailoverAsync);
    }

    [Fact]
    public async Task Every_answer_leaves_after_its_verdict_is_on_disk()
    {
        Assert.SkipUnless(await DurabilityTrial.CanTraceAsync(), NoTrace);
        Assert.Equal((DurabilityTrial.Calls, 0), await DurabilityTrial.OnSqliteAsync());
    }

    [Fact]
    public async Task Every_answer_leaves_after_its_verdict_is_on_the_database_servers_disk()
    {
        Assert.SkipUnless(await DurabilityTrial.CanTraceAsync(), NoTrace);
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        Assert.Equal((DurabilityTrial.Calls, 0), await DurabilityTrial.OnPostgresAsync());
    }

    [Fact]
    public void A_trace_in_which_an_answer_overtakes_its_sync_is_noticed()
    {
        string[] lines =
        [
            "7 fdatasync(33</x/spent.db-wal>) = 0",
            "8 sendmsg(40<socket:[1]>, {... \"{\\\"verdicts\\\":[\\\"accepted\\\"]}\"}) = 200",
            "7 fdatasync(33</x/spent.db-wal> <unfinished ...>",
            "8 sendmsg(40<socket:[1]>, {... \"{\\\"verdicts\\\":[\\\"accepted\\\"]}\"}) = 200",
            "7 <... fdatasync resumed>) = 0",
            "8 sendmsg(40<socket:[1]>, {... \"{\\\"verdicts\\\":[\\\"accepted\\\"]}\"}) = 200",
        ];
        Assert.Equal((3, 1), DurabilityTrace.Read(lines));
    }

    [Fact]
    public void Traces_of_two_programs_are_read_as_one()
    {
        string[] issuer =
        [
            "8 100.300000 sendmsg(40<socket:[1]>, {... \"{\\\"verdicts\\\":[\\\"accepted\\\"]}\"}) = 200 <0.000100>",
            "8 200.300000 sendmsg(40<socket:[1]>, {... \"{\\\"verdicts\\\":[\\\"accepted\\\"]}\"}) = 200 <0.000100>",
        ];
        string[] server =
        [
            "7 100.100000 fdatasync(5</data/pg_wal/000000010000000000000001>) = 0 <0.100000>",
            "7 200.100000 fdatasync(5</data/pg_wal/000000010000000000000001>) = 0 <0.300000>",
        ];
        Assert.Equal((2, 1), DurabilityTrace.Read(DurabilityTrace.Merge(issuer, server)));
    }

    private static async Task AssertShown(Func<ProofContext, Task<ProofResult>> proof)
    {
        var context = new ProofContext(Full: false, Seed: 42, line => TestContext.Current.SendDiagnosticMessage(line), TestContext.Current.CancellationToken);
        ProofResult result = await proof(context);
        Assert.True(result.Passed, string.Join(", ", result.Figures.Select(figure => $"{figure.Key} {figure.Value}")));
    }
}
