using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Veil.Host.Tests.Agent;

/// <summary>Something that listens behind the host agent: an application, or a socket that misbehaves.</summary>
internal sealed class Workload : IAsyncDisposable
{
    private readonly IAsyncDisposable _server;

    private Workload(Uri url, IAsyncDisposable server)
    {
        Url = url;
        _server = server;
    }

    public Uri Url { get; }

    /// <summary>An ordinary application.</summary>
    public static async Task<Workload> ServeAsync(RequestDelegate serve)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        WebApplication app = builder.Build();
        app.Run(serve);
        await app.StartAsync();
        return new(new(app.Urls.Single()), app);
    }

    /// <summary>Takes one connection after another, reads a request's head, writes these bytes and closes.</summary>
    public static Workload SayAndDie(string answer)
    {
        var socket = new DyingSocket(Encoding.ASCII.GetBytes(answer));
        return new(socket.Url, socket);
    }

    /// <summary>A port that nobody listens on.</summary>
    public static Uri Nobody()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new($"http://{socket.LocalEndPoint}");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private sealed class DyingSocket : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _loop;

        public DyingSocket(byte[] answer)
        {
            _listener.Start();
            Url = new($"http://{_listener.LocalEndpoint}");
            _loop = LoopAsync(answer);
        }

        public Uri Url { get; }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _loop;
        }

        private async Task LoopAsync(byte[] answer)
        {
            try
            {
                while (true)
                {
                    using Socket connection = await _listener.AcceptSocketAsync();
                    await connection.ReceiveAsync(new byte[4096]);
                    await connection.SendAsync(answer);
                    connection.Shutdown(SocketShutdown.Send);
                }
            }
            catch (SocketException)
            {
                // The listener was stopped.
            }
        }
    }
}
