using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Veil.Relay.Forwarding;
using Veil.Relay.Tests.Rig;

namespace Veil.Relay.Tests.Forwarding;

public sealed class StreamingTests : IDisposable
{
    private const int Chunks = 10;

    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task Each_request_chunk_arrives_before_the_next_is_sent()
    {
        Channel<int> arrived = Channel.CreateUnbounded<int>();
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            byte[] buffer = new byte[4096];
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
                arrived.Writer.TryWrite(read);
            await AppGateway.Answer("done", MediaTypes.ChunkedResponse)(context);
        });
        foreach (string version in (string[])["2", "1.1"])
        {
            await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, version);
            using HttpClient client = relay.NewClient();
            var content = new PushedContent();
            Task<HttpResponseMessage> sending = client.PostAsync("/g", content, TestContext.Current.CancellationToken);
            for (int i = 1; i <= Chunks; i++)
            {
                content.Push(new byte[100 + i]);
                Assert.Equal(100 + i, await arrived.Reader.ReadAsync(TestContext.Current.CancellationToken));
            }
            content.End();
            using HttpResponseMessage answer = await sending;
            Assert.Equal("done", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("2", "2.0")]
    [InlineData("2", "1.1")]
    [InlineData("1.1", "2.0")]
    [InlineData("1.1", "1.1")]
    public async Task Each_answer_chunk_arrives_before_the_next_is_sent(string towardsGateway, string towardsClient)
    {
        Channel<bool> next = Channel.CreateUnbounded<bool>();
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.ContentType = MediaTypes.ChunkedResponse;
            for (int i = 1; i <= Chunks; i++)
            {
                await context.Response.Body.WriteAsync(new byte[100 + i], context.RequestAborted);
                await next.Reader.ReadAsync(context.RequestAborted);
            }
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, towardsGateway);
        using HttpClient client = relay.NewClient(Version.Parse(towardsClient));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/g") { Content = Sealed.Content([1], MediaTypes.ChunkedRequest), Version = Version.Parse(towardsClient) };

        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] buffer = new byte[4096];
        for (int i = 1; i <= Chunks; i++)
        {
            Assert.Equal(100 + i, await stream.ReadAtLeastAsync(buffer, 100 + i, false, TestContext.Current.CancellationToken));
            next.Writer.TryWrite(true);
        }
        Assert.Equal(0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
        Assert.Null(answer.Content.Headers.ContentLength);
        Assert.Equal("?1", answer.Headers.GetValues("Incremental").Single());
    }

    [Fact]
    public async Task A_streamed_request_is_never_sent_a_second_time()
    {
        using var watch = new IdleWatch(TimeSpan.FromMinutes(1));
        using var content = new StreamedContent(new MemoryStream([1, 2, 3]), watch);
        var sent = new MemoryStream();
        await content.CopyToAsync(sent, TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => content.CopyToAsync(sent, TestContext.Current.CancellationToken));
        Assert.IsType<IOException>(failure.InnerException);
        Assert.Equal([1, 2, 3], sent.ToArray());
    }

    [Theory]
    [InlineData(MediaTypes.Request, MediaTypes.Response)]
    [InlineData(MediaTypes.ChunkedRequest, MediaTypes.ChunkedResponse)]
    public async Task A_slow_answer_that_keeps_flowing_outlives_the_idle_time(string request, string response)
    {
        const int Pieces = 8;
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.ContentType = response;
            for (int i = 0; i < Pieces; i++)
            {
                await context.Response.Body.WriteAsync(new byte[100], context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(250, context.RequestAborted);
            }
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Relay:IdleTimeout=00:00:01");
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content([1], request), TestContext.Current.CancellationToken);
        Assert.Equal(Pieces * 100, (await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task A_request_and_its_answer_stream_at_the_same_time()
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            context.Response.ContentType = MediaTypes.ChunkedResponse;
            await context.Response.Body.FlushAsync(context.RequestAborted);
            byte[] buffer = new byte[4096];
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);
        using HttpClient client = relay.NewClient();
        var content = new PushedContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/g") { Content = content, Version = HttpVersion.Version20 };
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] buffer = new byte[4096];
        for (int i = 1; i <= Chunks; i++)
        {
            content.Push(new byte[i]);
            Assert.Equal(i, await stream.ReadAtLeastAsync(buffer, i, false, TestContext.Current.CancellationToken));
        }
        content.End();
        Assert.Equal(0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("2", "2.0")]
    [InlineData("2", "1.1")]
    [InlineData("1.1", "2.0")]
    [InlineData("1.1", "1.1")]
    public async Task An_answer_that_breaks_off_is_an_error_at_the_client_and_never_an_end(string towardsGateway, string towardsClient)
    {
        var cut = new TaskCompletionSource();
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.ContentType = MediaTypes.ChunkedResponse;
            await context.Response.Body.WriteAsync(new byte[100], context.RequestAborted);
            await cut.Task;
            context.Abort();
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, towardsGateway);
        using HttpClient client = relay.NewClient(Version.Parse(towardsClient));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/g") { Content = Sealed.Content([1], MediaTypes.ChunkedRequest), Version = Version.Parse(towardsClient) };
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] buffer = new byte[4096];
        Assert.Equal(100, await stream.ReadAtLeastAsync(buffer, 100, false, TestContext.Current.CancellationToken));

        cut.SetResult();
        await Assert.ThrowsAnyAsync<IOException>(() => stream.ReadAtLeastAsync(buffer, 1, false, TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task A_client_that_breaks_off_its_request_breaks_it_off_at_the_gateway()
    {
        var arrived = new TaskCompletionSource();
        var ended = new TaskCompletionSource<bool>();
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            try
            {
                await context.Request.Body.ReadExactlyAsync(new byte[100]);
                arrived.SetResult();
                ended.SetResult(await context.Request.Body.ReadAsync(new byte[1]) == 0);
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException)
            {
                ended.SetResult(false);
            }
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);
        using HttpClient client = relay.NewClient();
        var content = new PushedContent();
        Task<HttpResponseMessage> sending = client.PostAsync("/g", content, TestContext.Current.CancellationToken);
        content.Push(new byte[100]);
        await arrived.Task.WaitAsync(TestContext.Current.CancellationToken);
        content.Fail();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending);
        Assert.False(await ended.Task.WaitAsync(TestContext.Current.CancellationToken), "the gateway saw a clean end of a request that was cut");
    }

    [Fact]
    public async Task An_early_answer_does_not_disturb_later_requests_of_the_same_connection()
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            context.Response.StatusCode = 413;
            context.Response.ContentType = "application/problem+json";
            context.Response.ContentLength = 2;
            await context.Response.WriteAsync("{}");
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);
        using HttpClient client = relay.NewClient();
        for (int i = 0; i < 20; i++)
        {
            using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content(new byte[500_000]), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        }
    }

    public void Dispose() => _certificates.Dispose();
}
