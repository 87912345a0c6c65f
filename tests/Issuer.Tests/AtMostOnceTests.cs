using Veil.Proofs;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class AtMostOnceTests
{
    [Fact]
    public async Task Killing_the_issuer_at_random_loses_no_token_and_doubles_none()
    {
        var context = new ProofContext(Full: false, Seed: 42, line => TestContext.Current.SendDiagnosticMessage(line), TestContext.Current.CancellationToken);
        ProofResult result = await new AtMostOnceProof().RunAsync(context);
        Assert.True(result.Passed, string.Join(", ", result.Figures.Select(figure => $"{figure.Key} {figure.Value}")));
    }

    [Fact]
    public async Task Every_answer_leaves_after_its_verdict_is_on_disk()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        string apiKey = await issuer.AddAccountAsync("alice", 100);
        string trace = Path.Combine(issuer.Folder, "trace.txt");
        Assert.SkipUnless(await CanTrace(), "strace is not installed, or this sandbox does not let it trace.");
        await issuer.StartAsync(DurabilityTrace.Tracer(trace));
        using var client = new IssuerClient();
        const int Calls = 20;
        foreach (byte[] token in await client.DrawAsync(issuer.Address, apiKey, Calls))
        {
            Assert.Equal(["accepted"], await client.RedeemAsync(issuer.Address, [(token, IssuerClient.NewId())]));
        }

        await issuer.KillAsync();
        Assert.Equal((Calls, 0), DurabilityTrace.Read(await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken)));
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

    private static async Task<bool> CanTrace()
    {
        try
        {
            using var strace = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("strace", ["-o", "/dev/null", "true"]) { RedirectStandardError = true })!;
            await strace.WaitForExitAsync();
            return strace.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
