using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Veil.Relay.Tests.Rig;

/// <summary>A client that writes bytes, from an address of its choice.</summary>
public sealed class RawClient : IAsyncDisposable
{
    private readonly SslStream _stream;
    private readonly ByteReader _reader;

    private RawClient(SslStream stream)
    {
        _stream = stream;
        _reader = new ByteReader(stream);
    }

    public static async Task<RawClient> ConnectAsync(RunningRelay relay, IPAddress? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (from is not null)
            socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(IPAddress.Loopback, relay.Url.Port, TestContext.Current.CancellationToken);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), false, relay.IsOurs);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http11] }, TestContext.Current.CancellationToken);
        return new RawClient(stream);
    }

    public async Task SendAsync(string text)
    {
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);
        await _stream.FlushAsync(TestContext.Current.CancellationToken);
    }

    public async Task<string> HeadAsync() => Encoding.Latin1.GetString(await _reader.UntilAsync("\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken));

    public async Task<string> BytesAsync(int length) => Encoding.Latin1.GetString(await _reader.ExactlyAsync(length, TestContext.Current.CancellationToken));

    /// <summary>Everything up to the end of the connection; an end without close_notify counts as one.</summary>
    public async Task<string> RestAsync()
    {
        var rest = new StringBuilder();
        try
        {
            while (true)
                rest.Append(await BytesAsync(1));
        }
        catch (Exception end) when (end is EndOfStreamException or IOException)
        {
            return rest.ToString();
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
