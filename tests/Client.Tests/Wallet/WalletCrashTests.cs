using System.Diagnostics;
using System.Runtime.CompilerServices;
using Veil.ClientSdk;

namespace Veil.Client.Tests.Wallet;

/// <summary>I7 at the client: a token is lost to a crash at most when its request may have left, and is never in two requests.</summary>
public sealed class WalletCrashTests : IDisposable
{
    private const string ChildVariable = "VEIL_TEST_WALLET_CHILD";

    private readonly WalletFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Every_truncation_of_the_file_opens_and_gives_no_marked_token_again()
    {
        await _fixture.Fill(3);
        using (var wallet = new TokenWallet(_fixture.Path))
        {
            await wallet.TakeAsync(WalletFixture.Kind, 1, TestContext.Current.CancellationToken);
        }

        byte[] file = await File.ReadAllBytesAsync(_fixture.Path, TestContext.Current.CancellationToken);
        const int MarkFrame = 27;
        for (int length = WalletJournal.HeaderSize; length < file.Length; length += length < file.Length - 2 * MarkFrame ? 13 : 1)
        {
            await File.WriteAllBytesAsync(_fixture.Path, file[..length], TestContext.Current.CancellationToken);
            UInt128[] once = await _fixture.Available();
            Assert.Empty(await _fixture.Available());
            Assert.Equal(once.Length, once.Distinct().Count());

            // Until the mark's frame is whole its request has not left, so all three are there; before that, what was flushed.
            Assert.Equal((length - WalletJournal.HeaderSize) / ((file.Length - MarkFrame - WalletJournal.HeaderSize) / 3), once.Length);
        }
    }

    [Fact]
    public async Task A_killed_process_loses_only_what_was_in_flight_and_gives_nothing_twice()
    {
        var random = new Random(20261);
        HashSet<string> had = [];
        HashSet<string> sent = [];
        const int Rounds = 6;
        for (int round = 0; round < Rounds; round++)
        {
            foreach (string line in await RunChildUntilKilled(random.Next(50, 400)))
            {
                // "had ID" is written after an add returned; "sent ID" after a take returned, as the request would leave.
                string[] words = line.Split(' ');
                Assert.True(words[0] is "had" ? had.Add(words[1]) : sent.Add(words[1]), $"{line}: a second time");
            }
        }

        UInt128[] left = await _fixture.Available();

        Assert.NotEmpty(sent);
        Assert.DoesNotContain(left, id => sent.Contains(id.ToString("x32", null)));
        int lost = had.Except(sent).Count(id => !left.Select(other => other.ToString("x32", null)).Contains(id));
        Assert.InRange(lost, 0, Rounds);
    }

    private async Task<List<string>> RunChildUntilKilled(int linesToLive)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, Environment = { [ChildVariable] = _fixture.Path } };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet")
        {
            start.ArgumentList.Add(typeof(WalletCrashTests).Assembly.Location);
        }

        using Process child = Process.Start(start)!;
        var lines = new List<string>();
        while (await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (lines.Count == linesToLive)
            {
                child.Kill();
            }
        }

        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        return lines;
    }

    /// <summary>The child is this program: it draws and spends until it is killed, and never reaches the tests.</summary>
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The test program doubles as the process to kill.")]
    internal static void RunAsChild()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not { } path)
        {
            return;
        }

        using Stream output = Console.OpenStandardOutput();
        using var wallet = new TokenWallet(path);
        while (true)
        {
            WalletToken[] drawn = WalletFixture.Draw(5);
            wallet.AddAsync(drawn, CancellationToken.None).GetAwaiter().GetResult();
            Say(output, "had", drawn);
            for (int spent = 0; spent < 4; spent++)
            {
                Say(output, "sent", [.. wallet.TakeAsync(WalletFixture.Kind, 1, CancellationToken.None).GetAwaiter().GetResult()!]);
            }
        }
    }

    // One write, so that a kill never leaves half a line.
    private static void Say(Stream output, string what, params WalletToken[] tokens) =>
        output.Write(System.Text.Encoding.ASCII.GetBytes(string.Concat(tokens.Select(token => $"{what} {token.Id:x32}\n"))));
}
