using System.Diagnostics;
using System.Net;
using Veil.DevStack;

namespace Veil.EndToEnd;

/// <summary>Chunked requests and answers pass every party as they come, whole or not at all.</summary>
public sealed class StreamingTests(UnrecordedDeploymentFixture fixture) : IClassFixture<UnrecordedDeploymentFixture>
{
    private const long Bulk = 100_000_000;
    private const int Chunks = 10;

    /// <summary>Kestrel by itself ends a whole connection of HTTP/2 when the content of one request comes slower than 240 bytes a second, reckoned after 5 s.</summary>
    private static readonly TimeSpan LongerThanAServersPatience = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_megabytes_pass_both_ways_in_constant_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident memory is read from /proc.");
        using HttpClient http = fixture.NewClient();
        PartyProcess[] parties = [fixture.Deployment.Relay, fixture.Deployment.Gateway, fixture.Deployment.Issuer, .. fixture.Deployment.Hosts];
        await UploadAsync(http, 1_000_000);
        await DownloadAsync(http, 1_000_000);
        await UploadAsync(http, 1_000_000);
        await DownloadAsync(http, 1_000_000);
        Dictionary<string, double> warm = parties.ToDictionary(party => party.Name, party => ResidentMemory.Now(party.Id));
        foreach (PartyProcess party in parties)
        {
            ResidentMemory.ResetPeak(party.Id);
        }

        await UploadAsync(http, Bulk);
        await DownloadAsync(http, Bulk);

        foreach (PartyProcess party in parties)
        {
            double peak = ResidentMemory.Peak(party.Id);
            TestContext.Current.TestOutputHelper?.WriteLine($"{party.Name}: {warm[party.Name]:0} MB warm, {peak:0} MB at most");
            Assert.True(peak <= 200, $"{party.Name}: peak {peak:0} MB");
            Assert.True(peak - warm[party.Name] <= 40, $"{party.Name}: {warm[party.Name]:0} MB warm, {peak:0} MB at most");
        }
    }

    [Fact]
    public async Task The_veil_command_passes_a_hundred_megabytes_both_ways_in_constant_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident memory is read from /proc.");
        double upSmall = await PeakOfVeilAsync("/count", upload: 1_000_000);
        double up = await PeakOfVeilAsync("/count", upload: Bulk);
        double downSmall = await PeakOfVeilAsync("/send?bytes=1000000", upload: 0);
        double down = await PeakOfVeilAsync($"/send?bytes={Bulk}", upload: 0);
        TestContext.Current.TestOutputHelper?.WriteLine($"veil: up {upSmall:0} and {up:0} MB, down {downSmall:0} and {down:0} MB");
        Assert.True(up <= 200 && up - upSmall <= 40, $"{upSmall:0} MB for 1 MB up, {up:0} MB for 100 MB");
        Assert.True(down <= 200 && down - downSmall <= 40, $"{downSmall:0} MB for 1 MB down, {down:0} MB for 100 MB");
    }

    [Fact]
    public async Task The_next_chunk_up_leaves_only_after_the_workload_has_the_one_before()
    {
        using HttpClient http = fixture.NewClient();
        using var content = new PacedContent(Chunks, fixture.Workload.ChunkArrived);
        using HttpResponseMessage answer = await http.PostAsync(fixture.Url("/paced-upload"), content, Cancellation);
        Assert.Equal("all chunks arrived", await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(Chunks, content.Confirmed);
    }

    [Fact]
    public async Task The_next_chunk_down_leaves_only_after_the_client_has_the_one_before()
    {
        using HttpClient http = fixture.NewClient();
        fixture.Workload.SendNextChunk.Release();
        using HttpResponseMessage answer = await http.GetAsync(fixture.Url($"/paced-download?chunks={Chunks}"), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(Cancellation);
        byte[] chunk = new byte[TestWorkload.PacedChunk];
        for (int received = 1; received <= Chunks; received++)
        {
            await stream.ReadExactlyAsync(chunk, Cancellation);
            if (received < Chunks)
            {
                fixture.Workload.SendNextChunk.Release();
            }
        }

        Assert.Equal(0, await stream.ReadAsync(chunk, Cancellation));
    }

    [Fact]
    public async Task Who_stops_reading_or_writing_for_a_while_is_waited_for_and_disturbs_nobody()
    {
        using HttpClient http = fixture.NewClient();
        fixture.Workload.SendNextChunk.Release();
        using HttpResponseMessage beside = await http.GetAsync(fixture.Url("/paced-download?chunks=2"), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using HttpResponseMessage reading = await http.GetAsync(fixture.Url($"/send?bytes={Bulk}"), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using Stream stream = await reading.Content.ReadAsStreamAsync(Cancellation);
        byte[] buffer = new byte[64 * 1024];
        long total = await stream.ReadAsync(buffer, Cancellation);

        using var content = new HaltingContent(LongerThanAServersPatience);
        using HttpResponseMessage writing = await http.PostAsync(fixture.Url("/count"), content, Cancellation);
        Assert.Equal($"{HaltingContent.Size}", await writing.Content.ReadAsStringAsync(Cancellation));
        fixture.Workload.SendNextChunk.Release();
        Assert.Equal(2 * TestWorkload.PacedChunk, (await beside.Content.ReadAsByteArrayAsync(Cancellation)).Length);
        for (int read; (read = await stream.ReadAsync(buffer, Cancellation)) > 0;)
        {
            total += read;
        }

        Assert.True(total >= Bulk, $"{total} bytes");
    }

    /// <summary>The highest resident memory of a client process of its own, MB.</summary>
    private async Task<double> PeakOfVeilAsync(string target, long upload)
    {
        string[] content = upload > 0 ? ["--data", "@-", "-H", "Content-Type: application/octet-stream"] : [];
        var start = new ProcessStartInfo("dotnet", [fixture.Deployment.ClientProgram, "request", $"{fixture.Url(target)}", "--config", fixture.Deployment.ClientConfigFile, "--stream", .. content])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process veil = Process.Start(start)!;
        Task<string> errors = veil.StandardError.ReadToEndAsync(Cancellation);
        Task writing = WriteAsync(veil.StandardInput.BaseStream, upload).ContinueWith(_ => veil.StandardInput.Close(), TaskScheduler.Default);
        Task reading = veil.StandardOutput.BaseStream.CopyToAsync(Stream.Null, Cancellation);
        double peak = 0;
        while (!reading.IsCompleted)
        {
            await Task.WhenAny(reading, Task.Delay(20, Cancellation));
            peak = Math.Max(peak, ResidentMemory.Peak(veil.Id));
        }

        await writing;
        await veil.WaitForExitAsync(Cancellation);
        Assert.True(veil.ExitCode == 0, await errors);
        return peak;
    }

    private static async Task WriteAsync(Stream stream, long bytes)
    {
        byte[] block = new byte[64 * 1024];
        new Random(7).NextBytes(block);
        for (long left = bytes; left > 0; left -= block.Length)
        {
            await stream.WriteAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)), Cancellation);
        }

    }

    private async Task UploadAsync(HttpClient http, long bytes)
    {
        using var content = new CountedContent(bytes);
        using HttpResponseMessage answer = await http.PostAsync(fixture.Url("/count"), content, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal($"{bytes}", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task DownloadAsync(HttpClient http, long bytes)
    {
        using HttpResponseMessage answer = await http.GetAsync(fixture.Url($"/send?bytes={bytes}"), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(Cancellation);
        byte[] buffer = new byte[64 * 1024];
        long total = 0;
        for (int read; (read = await stream.ReadAsync(buffer, Cancellation)) > 0;)
        {
            total += read;
        }

        Assert.Equal(bytes, total);
    }

    /// <summary>Two pieces with a pause between them.</summary>
    private sealed class HaltingContent(TimeSpan pause) : HttpContent
    {
        public const int Size = 2000;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[Size / 2], Cancellation);
            await stream.FlushAsync(Cancellation);
            await Task.Delay(pause, Cancellation);
            await stream.WriteAsync(new byte[Size / 2], Cancellation);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Bytes of no announced length.</summary>
    private sealed class CountedContent(long bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => WriteAsync(stream, bytes);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Writes a chunk, waits until the far side has it, writes the next.</summary>
    private sealed class PacedContent(int chunks, SemaphoreSlim arrived) : HttpContent
    {
        public int Confirmed { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (int sent = 0; sent < chunks; sent++)
            {
                await stream.WriteAsync(new byte[TestWorkload.PacedChunk]);
                await stream.FlushAsync();
                Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(15)), $"Chunk {sent} did not arrive while the request was open.");
                Confirmed++;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
