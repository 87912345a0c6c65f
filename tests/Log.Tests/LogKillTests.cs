using Veil.Proofs;
using Veil.Proofs.TransparencyLog;

namespace Veil.Log.Tests;

public sealed class LogKillTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_log_that_is_killed_thirty_times_loses_nothing_that_it_acknowledged_and_never_forks()
    {
        ProofResult result = await new LogKillProof().RunAsync(new ProofContext(Full: false, Seed: 42, output.WriteLine, TestContext.Current.CancellationToken));
        output.WriteLine(string.Join(", ", result.Figures));
        Assert.True(result.Passed, string.Join(", ", result.Figures));
    }

    [Theory]
    [InlineData("9 fsync(7</t/log>) = 0", "9 fsync(5</t/log/journal>) = 0", "9 fsync(6</t/log/checkpoint>) = 0", "8 sendmsg(4, \"HTTP/1.1 200 OK", 0)]
    [InlineData("9 fsync(7</t/log>) = 0", "9 fsync(5</t/log/journal>) = 0", "8 sendmsg(4, \"HTTP/1.1 200 OK", "9 fsync(6</t/log/checkpoint>) = 0", 1)]
    [InlineData("9 fsync(7</t/log>) = 0", "9 fsync(5</t/log/journal>) = -1 EIO", "9 fsync(6</t/log/checkpoint>) = 0", "8 sendmsg(4, \"HTTP/1.1 200 OK", 1)]
    [InlineData("9 fsync(5</t/log/journal>) = 0", "9 fsync(6</t/log/checkpoint>) = 0", "8 sendmsg(4, \"HTTP/1.1 200 OK", "9 fsync(7</t/log>) = 0", 1)]
    public void An_acknowledgement_before_any_of_its_syncs_is_noticed(string first, string second, string third, string fourth, int unsynced) =>
        Assert.Equal((1, unsynced), LogTrace.Read([first, second, third, fourth]));

    [Fact]
    public void The_folder_is_synced_once_and_the_files_for_each_acknowledgement()
    {
        string[] one = ["9 fsync(5</t/log/journal>) = 0", "9 fsync(6</t/log/checkpoint>) = 0", "8 sendmsg(4, \"HTTP/1.1 200 OK"];
        Assert.Equal((2, 0), LogTrace.Read(["9 fsync(7</t/log>) = 0", .. one, .. one]));
        Assert.Equal((2, 1), LogTrace.Read(["9 fsync(7</t/log>) = 0", .. one, .. one[1..]]));
    }
}
