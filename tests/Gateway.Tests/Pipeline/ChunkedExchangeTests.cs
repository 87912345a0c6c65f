using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Veil.Bhttp;
using Veil.Gateway.Tests.Parties;
using Veil.Gateway.Tokens;
using Veil.Ohttp;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tests.Pipeline;

/// <summary>Requests and answers that flow, and what becomes of them when they stop flowing.</summary>
public sealed class ChunkedExchangeTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await TestGateway.StartAsync();

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task A_piece_is_answered_before_the_next_one_is_sent()
    {
        ForAll(PingPongAsync);
        await using ChunkedCall call = await CallAsync("/pingpong");
        await call.SendAsync(new byte[] { 0 });
        Assert.Equal([0], (await call.ReceiveAsync())!);
        for (byte n = 1; n < 20; n++)
        {
            await call.SendAsync(new[] { n });
            Assert.Equal([n], (await call.ReceiveAsync())!);
        }

        await call.EndAsync();
        Assert.Null(await call.ReceiveAsync());
        Assert.True(call.IsComplete);
        Assert.Equal(200, call.Head!.Status);
    }

    [Fact]
    public async Task Megabytes_pass_unchanged_both_ways()
    {
        byte[] content = RandomNumberGenerator.GetBytes(5_000_000);
        await using ChunkedCall call = await CallAsync("/echo");
        Task sending = Task.Run(async () =>
        {
            foreach (byte[] piece in content.Chunk(70_001))
            {
                await call.SendAsync(piece);
            }

            await call.EndAsync();
        }, TestContext.Current.CancellationToken);
        byte[] received = await call.ReceiveAllAsync();
        await sending;

        Assert.True(content.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task A_host_that_breaks_off_is_an_error_and_never_an_end()
    {
        var isRead = new TaskCompletionSource();
        ForAll(async context =>
        {
            await context.Response.WriteAsync("half of the ans");
            await context.Response.Body.FlushAsync();
            await isRead.Task;
            context.Abort();
        });
        await using ChunkedCall call = await CallAsync("/dies");
        await call.EndAsync();
        Assert.NotNull(await call.ReceiveAsync());
        isRead.SetResult();

        await Assert.ThrowsAnyAsync<Exception>(call.ReceiveAllAsync);
        Assert.False(call.IsComplete);
    }

    [Fact]
    public async Task A_host_that_is_killed_is_an_error_and_the_other_one_serves_on()
    {
        ForAll(PingPongAsync);
        await using ChunkedCall call = await CallAsync("/killed");
        await call.SendAsync(new byte[] { 1 });
        Assert.Equal([1], (await call.ReceiveAsync())!);
        TestHost serving = _gateway.Hosts.Single(host => host.Received.Any(request => request.Path == "/killed"));

        await serving.StopAsync();

        await Assert.ThrowsAnyAsync<Exception>(call.ReceiveAllAsync);
        for (int i = 0; i < 10; i++)
        {
            await using ChunkedCall next = await CallAsync("/after");
            await next.SendAsync(new byte[] { 2 });
            await next.EndAsync();
            Assert.Equal([2], await next.ReceiveAllAsync());
        }
    }

    [Fact]
    public async Task A_request_that_is_cut_off_reaches_the_host_as_an_error()
    {
        var outcome = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        ForAll(async context =>
        {
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                outcome.SetResult(true);
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException or BadHttpRequestException)
            {
                outcome.SetResult(false);
            }
        });
        await using ChunkedCall call = await CallAsync("/cut");
        await call.SendAsync(new byte[1000]);
        await call.EndWithoutFinalChunkAsync();

        Assert.False(await outcome.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        try
        {
            await call.ReceiveAllAsync();
            Assert.Equal(400, call.Head!.Status);
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException)
        {
            // Aborted: as good.
        }
    }

    [Fact]
    public async Task A_refusal_comes_inside_before_the_content_is_read()
    {
        await using var call = new ChunkedCall(_gateway.Client, await _gateway.Client.KeyAsync(), Head("/unpaid", token: null));
        await call.SendAsync(new byte[] { 1 });

        Assert.Contains("urn:veil:problem:token", System.Text.Encoding.UTF8.GetString(await call.ReceiveAllAsync()), StringComparison.Ordinal);
        Assert.Equal(401, call.Head!.Status);
        Assert.Equal(OhttpMediaType.ChunkedResponse, (await call.Response).Content.Headers.ContentType?.MediaType);
        Assert.Equal("?1", (await call.Response).Headers.GetValues("Incremental").Single());
        Assert.DoesNotContain(_gateway.Hosts.SelectMany(host => host.Received), request => request.Path == "/unpaid");
    }

    [Fact]
    public async Task What_is_not_binary_http_is_refused_inside()
    {
        KeyConfig key = await _gateway.Client.KeyAsync();
        using var sealer = new ChunkedRequestSealer(key, key.Choose()!.Value);
        using ChunkedResponseOpener opener = sealer.CreateResponseOpener();
        byte[] chunk = new byte[ChunkedSealer.GetFinalChunkSize(3)];
        sealer.SealFinalChunk([9, 9, 9], chunk);
        using HttpResponseMessage response = await _gateway.Client.PostAsync([.. sealer.Prefix.Span, .. chunk], OhttpMediaType.ChunkedRequest);

        byte[] plaintext = new byte[opener.MaxChunkSize];
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(ChunkStatus.Final, opener.Read(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), true, out _, plaintext, out int written));
        Assert.True(BinaryResponse.TryParse(plaintext.AsMemory(0, written), null, out BinaryResponse? answer, out _));
        Assert.Equal(400, answer.Head.Status);
    }

    [Fact]
    public async Task A_lost_answer_of_the_issuer_costs_neither_the_request_nor_the_token()
    {
        _gateway.Issuer.AnswersToLose = 2;
        await using ChunkedCall call = await CallAsync("/retried");
        await call.SendAsync(new byte[] { 7 });
        await call.EndAsync();

        Assert.Equal([7], await call.ReceiveAllAsync());
        Assert.Equal(1, _gateway.Issuer.SpentCount);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 3000)]
    [InlineData(true, 0)]
    [InlineData(true, 20_000)]
    public async Task An_open_service_takes_a_get_that_ends_without_content(bool headComesAlone, int padding)
    {
        await using ChunkedCall call = await GetAsync("/open");
        if (headComesAlone)
            await call.SendHeadAsync();
        await call.EndAsync(padding);

        Assert.Empty(await call.ReceiveAllAsync());
        Assert.Equal(200, call.Head!.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_open_service_takes_no_get_with_content(bool contentIsInTheFinalChunk)
    {
        await using ChunkedCall call = await GetAsync("/open-with-content");
        if (contentIsInTheFinalChunk)
            call.Append(new byte[] { 1 });
        else
            await call.SendAsync(new byte[] { 1 });
        await call.EndAsync(padding: 100);

        await call.ReceiveAllAsync();
        Assert.Equal(405, call.Head!.Status);
        Assert.DoesNotContain(_gateway.OpenHost.Received, request => request.Path == "/open-with-content");
    }

    [Fact]
    public async Task Content_in_the_final_chunk_arrives_whole()
    {
        await using ChunkedCall call = await CallAsync("/whole");
        call.Append(new byte[] { 1, 2, 3 });
        await call.EndAsync(padding: 100);

        Assert.Equal([1, 2, 3], await call.ReceiveAllAsync());
    }

    private static async Task PingPongAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        byte[] buffer = new byte[16 * 1024];
        for (int read = await context.Request.Body.ReadAsync(buffer); read > 0; read = await context.Request.Body.ReadAsync(buffer))
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
            await context.Response.Body.FlushAsync();
        }
    }

    private void ForAll(RequestDelegate workload)
    {
        foreach (TestHost host in _gateway.Hosts)
        {
            host.Workload = workload;
        }
    }

    private async Task<ChunkedCall> CallAsync(string path)
    {
        byte[] token = _gateway.Issuer.Draw(_gateway.Services.GetRequiredService<TokenGate>().Challenge.Span);
        return new(_gateway.Client, await _gateway.Client.KeyAsync(), Head(path, token));
    }

    private async Task<ChunkedCall> GetAsync(string path) =>
        new(_gateway.Client, await _gateway.Client.KeyAsync(), new RequestHead("GET", "https", TestGateway.OpenService, path, new FieldSection()));

    private static RequestHead Head(string path, byte[]? token)
    {
        var fields = new FieldSection().Add("date", DateTimeOffset.UtcNow.ToString("r", CultureInfo.InvariantCulture));
        if (token is not null)
            fields.Add("authorization", PrivateTokenAuthorization.Write(token));
        return new("POST", "https", TestGateway.Service, path, fields);
    }
}
