using System.Net;
using System.Net.Sockets;
using Veil.Common.Tests.Transparency;

namespace Veil.Log.Tests.Monitoring;

/// <summary>A mirror on loopback that shows what it is told to show.</summary>
internal sealed class HttpMirror : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpMessageInvoker _answers;

    public HttpMirror(TestAuthority authority, DateTimeOffset now)
    {
        InMemory = new MirrorInMemory(authority) { Now = now };
        _answers = new HttpMessageInvoker(InMemory);
        Url = new Uri($"http://127.0.0.1:{FreePort()}/");
        _listener.Prefixes.Add(Url.AbsoluteUri);
        _listener.Start();
        _ = AnswerAsync();
    }

    public Uri Url { get; }

    public MirrorInMemory InMemory { get; }

    public void Dispose()
    {
        _listener.Close();
        _answers.Dispose();
        InMemory.Dispose();
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                using var request = new HttpRequestMessage(HttpMethod.Get, context.Request.Url);
                using HttpResponseMessage answer = await _answers.SendAsync(request, CancellationToken.None);
                context.Response.StatusCode = (int)answer.StatusCode;
                await (answer.Content?.CopyToAsync(context.Response.OutputStream) ?? Task.CompletedTask);
                context.Response.Close();
            }
        }
        catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
        {
            // The mirror is gone.
        }
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
