using System.Globalization;
using System.Net;
using System.Text;
using Veil.Proofs.TransparencyLog;
using Veil.Transparency;

namespace Veil.Log.Tests;

/// <summary>A log with two witnesses, all of them processes.</summary>
public sealed class AppendTests
{
    [Fact]
    public async Task An_acknowledged_entry_is_under_the_witnessed_checkpoint_for_an_independent_reader()
    {
        await using LogRig rig = await LogRig.CreateAsync();
        await rig.StartAsync();
        byte[] checkpoint = [];
        for (int i = 0; i < 3; i++)
            checkpoint = await AppendAsync(rig, i);

        Assert.Equal(3, await ReadAllAsync(rig, checkpoint));
        Assert.Equal(checkpoint, await rig.Http.GetByteArrayAsync(new Uri(rig.Address, "checkpoint"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Entries_beyond_a_full_tile_read_back_and_tiles_never_change()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        for (int i = 0; i < 600;)
        {
            // Concurrent, for neighbouring places and in any order: those that come too early hear so and come again.
            int end = Math.Min(600, i + 60);
            await Parallel.ForEachAsync(Enumerable.Range(i, end - i).Reverse(), new ParallelOptions { MaxDegreeOfParallelism = 60 }, async (index, _) =>
            {
                HttpStatusCode status;
                do
                    (status, byte[] _) = await rig.AppendAsync(index, Entry(index));
                while (status is HttpStatusCode.Conflict);
                Assert.Equal(HttpStatusCode.OK, status);
            });
            i = end;
        }

        byte[] checkpoint = await rig.Http.GetByteArrayAsync(new Uri(rig.Address, "checkpoint"), TestContext.Current.CancellationToken);
        Assert.Equal(600, await ReadAllAsync(rig, checkpoint));
        using HttpResponseMessage tile = await rig.Http.GetAsync(new Uri(rig.Address, "tile/0/000"), TestContext.Current.CancellationToken);
        Assert.Equal("application/octet-stream", tile.Content.Headers.ContentType?.ToString());
        Assert.Contains("immutable", tile.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_call_again_has_the_same_answer_and_another_entry_for_its_place_is_refused_with_the_size()
    {
        await using LogRig rig = await LogRig.CreateAsync();
        await rig.StartAsync();
        byte[] first = await AppendAsync(rig, 0);
        Assert.Equal(first, await AppendAsync(rig, 0));
        foreach (int index in new[] { 0, 5 })
        {
            (HttpStatusCode status, byte[] body) = await rig.AppendAsync(index, Encoding.ASCII.GetBytes("another"));
            Assert.Equal((HttpStatusCode.Conflict, "1\n"), (status, Encoding.ASCII.GetString(body)));
        }

        Assert.Equal(1, await ReadAllAsync(rig, first));
    }

    [Fact]
    public async Task Without_enough_witnesses_nothing_is_acknowledged_and_the_same_call_completes_it()
    {
        await using LogRig rig = await LogRig.CreateAsync();
        await rig.StartAsync();
        await AppendAsync(rig, 0);
        await rig.KillWitnessAsync(1);
        (HttpStatusCode status, byte[] body) = await rig.AppendAsync(1, Entry(1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("urn:veil:problem:log:not-witnessed", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
        Assert.StartsWith($"{LogRig.Origin}\n1\n", await rig.Http.GetStringAsync(new Uri(rig.Address, "checkpoint"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await rig.StartWitnessAsync(1);
        byte[] checkpoint = await AppendAsync(rig, 1);
        Assert.Equal(2, await ReadAllAsync(rig, checkpoint));
    }

    [Fact]
    public async Task Entries_become_durable_while_a_witness_is_slow_and_share_its_next_cosignature()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("needs a process that can be halted");
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        await AppendAsync(rig, 0);
        string journal = Path.Combine(rig.LogFolder, "journal");
        long before = new FileInfo(journal).Length;
        await rig.HaltWitnessAsync(0, halted: true);
        var appends = new List<Task<(HttpStatusCode Status, byte[] Body)>>();
        for (int i = 1; i <= 4; i++)
        {
            appends.Add(rig.AppendAsync(i, Entry(i)));
            long size = before + (i * (2 + Entry(i).Length + 8));
            for (int wait = 0; wait < 200 && new FileInfo(journal).Length < size; wait++)
                await Task.Delay(10, TestContext.Current.CancellationToken);
            Assert.Equal(size, new FileInfo(journal).Length);
        }

        Assert.DoesNotContain(appends, append => append.IsCompleted);
        await rig.HaltWitnessAsync(0, halted: false);
        (HttpStatusCode Status, byte[] Body)[] answers = await Task.WhenAll(appends);
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));

        // The halted cosignature was over the first entry, and over those that had come when it was asked for; all others share the next.
        Assert.InRange(answers.DistinctBy(answer => Convert.ToHexString(answer.Body)).Count(), 1, 2);
        Assert.Equal(5, await ReadAllAsync(rig, answers[3].Body));
    }

    [Fact]
    public async Task One_dead_witness_of_two_does_not_stop_a_log_that_needs_one()
    {
        await using LogRig rig = await LogRig.CreateAsync(threshold: 1);
        await rig.StartWitnessAsync(1);
        await rig.StartLogAsync();
        byte[] checkpoint = await AppendAsync(rig, 0);
        Assert.True(rig.Policy.TryVerify(checkpoint, out WitnessedCheckpoint? witnessed));
        Assert.Equal([rig.Policy.Witnesses[1]], witnessed.Witnesses);
    }

    [Fact]
    public async Task Only_publishers_append_and_only_entries_that_fit()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await rig.AppendAsync(0, Entry(0), secret: "a guess")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await rig.AppendAsync(0, [])).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await rig.AppendAsync(0, new byte[EntryBundle.MaxEntrySize + 1])).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await rig.AppendAsync(-1, Entry(0))).Status);
        (HttpStatusCode status, byte[] checkpoint) = await rig.AppendAsync(0, new byte[EntryBundle.MaxEntrySize]);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(rig.Policy.TryVerify(checkpoint, out _));
    }

    [Theory]
    [InlineData("../log/journal")]
    [InlineData("tile/0/001")]
    [InlineData("tile/0/0")]
    [InlineData("tile/entries/000.p/0")]
    [InlineData("journal")]
    [InlineData("checkpoint/")]
    public async Task Nothing_but_checkpoint_and_tiles_is_served(string path)
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        await AppendAsync(rig, 0);
        using HttpResponseMessage answer = await rig.Http.GetAsync(new Uri(rig.Address, path), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    internal static byte[] Entry(int index) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"entry {index}"));

    internal static async Task<byte[]> AppendAsync(LogRig rig, int index)
    {
        (HttpStatusCode status, byte[] body) = await rig.AppendAsync(index, Entry(index));
        Assert.True(status is HttpStatusCode.OK, $"{status}: {Encoding.UTF8.GetString(body)}\n{rig.Log.Output}");
        return body;
    }

    /// <summary>Reads the whole log over HTTP and gives its size.</summary>
    internal static async Task<long> ReadAllAsync(LogRig rig, byte[] note)
    {
        Assert.True(rig.Policy.TryVerify(note, out WitnessedCheckpoint? witnessed));
        (IReadOnlyList<byte[]> entries, byte[] root) = await NaiveLogReader.ReadAsync(path => rig.Http.GetByteArrayAsync(new Uri(rig.Address, path)), witnessed.Checkpoint.Size);
        Assert.Equal(witnessed.Checkpoint.Root.ToArray(), root);
        for (int i = 0; i < entries.Count; i++)
            Assert.Equal(Entry(i), entries[i]);
        return entries.Count;
    }
}
