using System.Collections.Concurrent;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Veil.Host.Tests.Agent;

/// <summary>Real sockets: a gateway, a host agent with RA-TLS, and a workload on loopback.</summary>
public sealed class ForwardingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_named_gateway_gets_the_workloads_answer_over_an_appraised_connection()
    {
        await using Workload workload = await Workload.ServeAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            string body = await reader.ReadToEndAsync(context.RequestAborted);
            context.Response.StatusCode = 201;
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {body}");
        });
        await using RunningHost host = await RunningHost.StartAsync(workload.Url);
        using HttpClient gateway = host.Gateway();
        using HttpResponseMessage answer = await gateway.PostAsync("/v1/chat%2Fx?q=a%20b", new StringContent("hello"), Stop);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("POST /v1/chat%2Fx?q=a%20b hello", await answer.Content.ReadAsStringAsync(Stop));
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(host.Verdict?.Passed);
    }

    [Fact]
    public async Task Each_key_epoch_shows_new_connections_another_appraised_key_and_open_ones_go_on()
    {
        await using Workload workload = await Workload.ServeAsync(context => context.Response.WriteAsync("ok"));
        await using RunningHost host = await RunningHost.StartAsync(workload.Url, "Host:EpochLength=00:00:10", "Host:EpochNotice=00:00:02", "Host:EpochGrace=00:00:05");
        using HttpClient old = host.Gateway();
        Assert.Equal("ok", await old.GetStringAsync("/", Stop));
        string first = host.LeafKey;

        for (int i = 0; i < 150 && host.LeafKey == first; i++)
        {
            using HttpClient fresh = host.Gateway();
            Assert.Equal("ok", await fresh.GetStringAsync("/", Stop));
            Assert.True(host.Verdict?.Passed, host.Verdict?.ToString());
            await Task.Delay(200, Stop);
        }

        Assert.NotEqual(first, host.LeafKey);
        Assert.Equal("ok", await old.GetStringAsync("/", Stop));
    }

    [Fact]
    public async Task The_workload_gets_allow_listed_fields_and_nothing_is_added_either_way()
    {
        var seen = new ConcurrentDictionary<string, string>();
        await using Workload workload = await Workload.ServeAsync(context =>
        {
            foreach ((string name, var value) in context.Request.Headers)
                seen[name] = value.ToString();
            context.Response.Headers["Set-Cookie"] = "id=1";
            context.Response.Headers["X-Request-Id"] = "7";
            context.Response.Headers.Server = "workload";
            context.Response.Headers.ETag = "\"1\"";
            context.Response.Headers["X-Model"] = "m";
            return context.Response.WriteAsync("ok");
        });
        await using RunningHost host = await RunningHost.StartAsync(workload.Url, "Host:RequestFields:0=x-task", "Host:ResponseFields:0=x-model");
        using HttpClient gateway = host.Gateway();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Version = HttpVersion.Version20 };
        request.Headers.Host = SoftwareMachine.Service;
        foreach (string name in new[] { "Authorization", "Cookie", "User-Agent", "X-Forwarded-For", "Traceparent", "X-Other", "Forwarded", "Via" })
            request.Headers.TryAddWithoutValidation(name, "canary/1");
        request.Headers.TryAddWithoutValidation("Accept", "text/plain");
        request.Headers.TryAddWithoutValidation("X-Task", "t");
        using HttpResponseMessage answer = await gateway.SendAsync(request, Stop);
        await answer.Content.ReadAsStringAsync(Stop);

        Assert.Equal(
            new SortedDictionary<string, string>(StringComparer.Ordinal) { ["Accept"] = "text/plain", ["Host"] = SoftwareMachine.Service, ["x-task"] = "t" }.Select(pair => $"{pair.Key.ToUpperInvariant()}: {pair.Value}"),
            seen.Select(pair => $"{pair.Key.ToUpperInvariant()}: {pair.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(["DATE", "ETAG", "X-MODEL"], answer.Headers.Select(field => field.Key.ToUpperInvariant()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_gateway_that_the_options_do_not_name_fails_its_handshake()
    {
        int served = 0;
        await using Workload workload = await Workload.ServeAsync(_ =>
        {
            Interlocked.Increment(ref served);
            return Task.CompletedTask;
        });
        await using RunningHost host = await RunningHost.StartAsync(workload.Url);
        using X509Certificate2 stranger = RunningHost.ClientCertificate();
        using HttpClient unknown = host.Gateway(stranger);
        using HttpClient bare = host.Gateway(withoutCertificate: true);
        await Assert.ThrowsAsync<HttpRequestException>(() => unknown.GetAsync("/", Stop));
        await Assert.ThrowsAsync<HttpRequestException>(() => bare.GetAsync("/", Stop));
        Assert.Equal(0, served);
    }

    [Fact]
    public async Task Pieces_cross_as_they_come_in_both_directions()
    {
        Channel<string> arrived = Channel.CreateUnbounded<string>();
        Channel<string> toSend = Channel.CreateUnbounded<string>();
        await using Workload workload = await Workload.ServeAsync(async context =>
        {
            byte[] buffer = new byte[64];
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
                await arrived.Writer.WriteAsync(Encoding.ASCII.GetString(buffer, 0, read));
            await foreach (string piece in toSend.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(piece);
                await context.Response.Body.FlushAsync();
            }
        });
        await using RunningHost host = await RunningHost.StartAsync(workload.Url);
        using HttpClient gateway = host.Gateway();
        using var content = new PiecewiseContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = content, Version = HttpVersion.Version20 };
        request.Headers.Host = SoftwareMachine.Service;
        Task<HttpResponseMessage> answering = gateway.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        for (int i = 0; i < 5; i++)
        {
            await content.SendAsync($"up{i}");
            Assert.Equal($"up{i}", await arrived.Reader.ReadAsync(Stop));
        }

        content.Complete();
        await toSend.Writer.WriteAsync("down0", Stop);
        using HttpResponseMessage answer = await answering;
        await using Stream body = await answer.Content.ReadAsStreamAsync(Stop);
        byte[] received = new byte[64];
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal($"down{i}", Encoding.ASCII.GetString(received, 0, await body.ReadAtLeastAsync(received, 5, cancellationToken: Stop)));
            if (i < 4)
                await toSend.Writer.WriteAsync($"down{i + 1}", Stop);
        }

        toSend.Writer.Complete();
        Assert.Equal(0, await body.ReadAsync(received, Stop));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n")]
    public async Task A_workload_that_dies_midway_gives_an_error_and_never_a_clean_end(string answer)
    {
        await using Workload workload = Workload.SayAndDie(answer);
        await using RunningHost host = await RunningHost.StartAsync(workload.Url);
        using HttpClient gateway = host.Gateway();
        using HttpResponseMessage begun = await gateway.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop);
        await Assert.ThrowsAnyAsync<Exception>(() => begun.Content.ReadAsByteArrayAsync(Stop));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nall of it?", 502)]
    [InlineData("HTTP/1.1 200", 502)]
    [InlineData("", 502)]
    [InlineData("not http at all\r\n\r\n", 502)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204)]
    public async Task An_answer_whose_end_cannot_be_told_is_refused(string answer, int status)
    {
        await using Workload workload = Workload.SayAndDie(answer);
        await using RunningHost host = await RunningHost.StartAsync(workload.Url);
        using HttpClient gateway = host.Gateway();
        using HttpResponseMessage refused = await gateway.GetAsync("/", Stop);
        Assert.Equal(status, (int)refused.StatusCode);
    }

    [Fact]
    public async Task A_workload_that_is_down_is_a_503()
    {
        await using RunningHost host = await RunningHost.StartAsync(Workload.Nobody());
        using HttpClient gateway = host.Gateway();
        using HttpResponseMessage refused = await gateway.GetAsync("/", Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_workload_that_does_not_answer_in_time_is_a_504()
    {
        await using Workload workload = await Workload.ServeAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        await using RunningHost host = await RunningHost.StartAsync(workload.Url, "Host:IdleTimeout=00:00:01");
        using HttpClient gateway = host.Gateway();
        using HttpResponseMessage refused = await gateway.GetAsync("/", Stop);
        Assert.Equal(HttpStatusCode.GatewayTimeout, refused.StatusCode);
    }

    [Fact]
    public async Task A_request_for_another_authority_is_a_421()
    {
        await using RunningHost host = await RunningHost.StartAsync(Workload.Nobody());
        using HttpClient gateway = host.Gateway();
        gateway.DefaultRequestHeaders.Host = "other.example";
        using HttpResponseMessage refused = await gateway.GetAsync("/", Stop);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, refused.StatusCode);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_a_413_and_the_workload_never_sees_its_end()
    {
        bool whole = false;
        await using Workload workload = await Workload.ServeAsync(async context =>
        {
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                whole = true;
            }
            catch (Exception cut) when (cut is IOException or OperationCanceledException)
            {
                // What is expected.
            }
        });
        await using RunningHost host = await RunningHost.StartAsync(workload.Url, "Host:MaxRequestBytes=1000");
        using HttpClient gateway = host.Gateway();
        using var content = new PiecewiseContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = content, Version = HttpVersion.Version20 };
        request.Headers.Host = SoftwareMachine.Service;
        Task<HttpResponseMessage> answering = gateway.SendAsync(request, Stop);
        await content.SendAsync(new string('x', 1001));
        content.Complete();
        using HttpResponseMessage refused = await answering;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.False(whole);
    }

    [Fact]
    public async Task More_requests_than_places_are_a_503_and_a_place_is_free_again_afterwards()
    {
        using var release = new SemaphoreSlim(0);
        using var entered = new SemaphoreSlim(0);
        await using Workload workload = await Workload.ServeAsync(async context =>
        {
            entered.Release();
            await release.WaitAsync(context.RequestAborted);
        });
        await using RunningHost host = await RunningHost.StartAsync(workload.Url, "Host:MaxConcurrentRequests=1");
        using HttpClient gateway = host.Gateway();
        Task<HttpResponseMessage> first = gateway.GetAsync("/", Stop);
        await entered.WaitAsync(Stop);
        using HttpResponseMessage busy = await gateway.GetAsync("/", Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, busy.StatusCode);
        Assert.Equal("1", busy.Headers.RetryAfter?.ToString());
        release.Release(2);
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/", Stop)).StatusCode);
    }

    [Fact]
    public async Task A_gateway_that_goes_away_ends_the_workloads_work()
    {
        var ended = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        await using Workload workload = await Workload.ServeAsync(async context =>
        {
            context.RequestAborted.Register(ended.SetResult);
            await context.Response.Body.FlushAsync();
            begun.SetResult();
            await ended.Task;
        });
        await using RunningHost host = await RunningHost.StartAsync(workload.Url);
        using HttpClient gateway = host.Gateway();
        using (await gateway.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop))
            await begun.Task.WaitAsync(Stop);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }
}
