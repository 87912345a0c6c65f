using System.Text;
using Veil.Proofs.TransparencyLog;

namespace Veil.Log.Tests;

/// <summary><c>veil-log append</c> by hand.</summary>
public sealed class AppendCommandTests
{
    [Fact]
    public async Task An_entry_by_hand_is_witnessed_and_the_same_command_again_changes_nothing()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartWitnessAsync(0);
        await File.WriteAllBytesAsync(Path.Combine(rig.Folder, "entry"), AppendTests.Entry(0), TestContext.Current.CancellationToken);
        string[] command = ["append", "entry", "--index", "0", "--config", "log.json"];
        (int code, string checkpoint, string error) = await LogProgram.RunAsync(rig.Folder, command);
        Assert.True(code is 0, error);
        Assert.True(rig.Policy.TryVerify(Encoding.UTF8.GetBytes(checkpoint), out _), checkpoint);
        Assert.Equal(checkpoint, (await LogProgram.RunAsync(rig.Folder, command)).Output);

        (code, _, error) = await LogProgram.RunAsync(rig.Folder, "append", "log.json", "--index", "0", "--config", "log.json");
        Assert.Equal(1, code);
        Assert.EndsWith("veil-log: nothing was added: the log has 1 entries, and not this one at 0.\n", error, StringComparison.Ordinal);

        await rig.StartLogAsync();
        Assert.Equal(1, await AppendTests.ReadAllAsync(rig, Encoding.UTF8.GetBytes(checkpoint)));
        (code, _, error) = await LogProgram.RunAsync(rig.Folder, command);
        Assert.Equal((1, "veil-log: log: another process writes this log; stop it first\n"), (code, error));
    }
}
