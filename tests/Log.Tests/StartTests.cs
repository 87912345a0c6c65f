using System.Text.Json.Nodes;
using Veil.Proofs.TransparencyLog;

namespace Veil.Log.Tests;

/// <summary>What stops a start, each with one clear line.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task A_second_writer_of_one_log_is_refused()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        JsonObject other = rig.LogConfiguration();
        other["Server"]!["Listen"] = "127.0.0.1:0";
        rig.Write("log.json", other);
        await RefusedAsync(rig, "log: another process writes this log; stop it first");
        await AppendTests.AppendAsync(rig, 0);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_refused()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        string folder = "/proc/veil-log";
        if (!OperatingSystem.IsLinux())
            Assert.Skip("needs a folder that nobody can write, as /proc is");
        JsonObject configuration = rig.LogConfiguration();
        configuration["Log"]!["Folder"] = folder;
        rig.Write("log.json", configuration);
        string error = await RefusedAsync(rig, null);
        Assert.StartsWith($"veil-log: {folder}: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_is_never_continued_under_another_key()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        await AppendTests.AppendAsync(rig, 0);
        await rig.KillLogAsync();
        File.Delete(Path.Combine(rig.Folder, "log.key"));
        await rig.MakeKeyAsync(LogRig.Origin, "log.key");
        await RefusedAsync(rig, "log: the folder is of another origin or key; a log keeps both for as long as it lives");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_journal_that_lost_what_was_published_is_refused_whoever_the_witnesses_are(bool others)
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        await AppendTests.AppendAsync(rig, 0);
        await AppendTests.AppendAsync(rig, 1);
        await rig.KillLogAsync();
        using (var journal = new FileStream(Path.Combine(rig.LogFolder, "journal"), FileMode.Open))
            journal.SetLength(journal.Length / 2);
        if (others)
        {
            JsonObject configuration = rig.LogConfiguration();
            configuration["Log"]!["Witnesses"]![0]!["Key"] = (await rig.MakeKeyAsync("witness.example/other", "other.key", "--cosignature")).ToString();
            rig.Write("log.json", configuration);
        }

        string error = await RefusedAsync(rig, null);
        Assert.Contains("the journal has 1 entries and does not hold what the published checkpoint of 2 says", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_with_one_bit_turned_is_refused()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        await AppendTests.AppendAsync(rig, 0);
        await AppendTests.AppendAsync(rig, 1);
        await rig.KillLogAsync();
        string path = Path.Combine(rig.LogFolder, "journal");
        byte[] journal = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        journal[4] ^= 1;
        await File.WriteAllBytesAsync(path, journal, TestContext.Current.CancellationToken);
        await RefusedAsync(rig, "log: entry 0 of the journal is not what was written: restore the folder from a copy");
    }

    [Fact]
    public async Task A_torn_end_of_the_journal_is_cut_off_and_the_log_goes_on()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        await AppendTests.AppendAsync(rig, 0);
        await rig.KillLogAsync();
        await File.AppendAllBytesAsync(Path.Combine(rig.LogFolder, "journal"), [0, 200, 1, 2, 3], TestContext.Current.CancellationToken);
        await rig.StartLogAsync();
        Assert.Contains("5 bytes at the journal's end", rig.Log.Output, StringComparison.Ordinal);
        Assert.Equal(2, await AppendTests.ReadAllAsync(rig, await AppendTests.AppendAsync(rig, 1)));
    }

    [Fact]
    public async Task Plain_files_are_the_log_for_another_web_server_and_are_made_again_where_a_loss_of_power_emptied_them()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        byte[] checkpoint = [];
        for (int i = 0; i < 3; i++)
            checkpoint = await AppendTests.AppendAsync(rig, i);
        string copied = Path.Combine(rig.LogFolder, "public");
        Assert.Equal(3, await ReadCopyAsync(copied, checkpoint));

        await rig.KillLogAsync();
        foreach (string file in Directory.GetFiles(copied, "*", SearchOption.AllDirectories))
            await File.WriteAllBytesAsync(file, [], TestContext.Current.CancellationToken);
        await rig.StartLogAsync();
        Assert.Equal(3, await ReadCopyAsync(copied, checkpoint));
    }

    [Fact]
    public async Task A_disk_that_refuses_the_plain_files_stops_neither_answers_nor_readers_of_the_log()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        Directory.CreateDirectory(rig.LogFolder);
        await File.WriteAllTextAsync(Path.Combine(rig.LogFolder, "public"), "a file where a folder should be", TestContext.Current.CancellationToken);
        await rig.StartAsync();
        Assert.Equal(1, await AppendTests.ReadAllAsync(rig, await AppendTests.AppendAsync(rig, 0)));
        for (int i = 0; i < 200 && !rig.Log.Output.Contains("the copy in plain files cannot be written", StringComparison.Ordinal); i++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Contains("the copy in plain files cannot be written", rig.Log.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Log", "Origin", "two words", "Log:Origin")]
    [InlineData("Log", "WitnessThreshold", "2", "Log:WitnessThreshold")]
    [InlineData("Log", "WitnessTimeout", "00:02:00", "Log:WitnessTimeout")]
    [InlineData("Log", "Foldr", "x", "Log:Foldr")]
    [InlineData("Lock", "Folder", "x", "Lock")]
    public async Task A_wrong_setting_stops_the_start_with_its_name(string section, string key, string value, string named)
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        JsonObject configuration = rig.LogConfiguration();
        JsonNode values = configuration[section] ??= new JsonObject();
        values[key] = value;
        rig.Write("log.json", configuration);
        Assert.StartsWith($"veil-log: {named}: ", await RefusedAsync(rig, null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_ends_log_with_zero_and_a_key_file_is_its_owners_alone()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        Assert.Equal(0, await rig.Log.StopAsync());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(rig.Folder, "log.key")));
        (int code, _, string error) = await LogProgram.RunAsync(rig.Folder, "key", "again", "--out", "log.key");
        Assert.Equal(1, code);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    /// <summary>Waits until the copy has a checkpoint, and reads the log from its files alone.</summary>
    private static async Task<int> ReadCopyAsync(string folder, byte[] checkpoint)
    {
        string published = Path.Combine(folder, "checkpoint");
        for (int i = 0; i < 200 && !(File.Exists(published) && File.ReadAllBytes(published).AsSpan().SequenceEqual(checkpoint)); i++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(checkpoint, await File.ReadAllBytesAsync(published, TestContext.Current.CancellationToken));
        string[] lines = System.Text.Encoding.UTF8.GetString(checkpoint).Split('\n');
        (IReadOnlyList<byte[]> entries, byte[] root) = await NaiveLogReader.ReadAsync(path => File.ReadAllBytesAsync(Path.Combine(folder, path)), long.Parse(lines[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(lines[2], Convert.ToBase64String(root));
        return entries.Count;
    }

    private static async Task<string> RefusedAsync(LogRig rig, string? line)
    {
        (int code, _, string error) = await LogProgram.RunAsync(rig.Folder, "serve", "--config", "log.json");
        Assert.NotEqual(0, code);
        Assert.Single(error.TrimEnd().Split('\n'));
        if (line is not null)
            Assert.Equal($"veil-log: {line}\n", error);
        return error;
    }
}
