using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Veil.Relay.Tests.Rig;

/// <summary>A request as it arrived, byte for byte, with the number of the connection that it came on.</summary>
public sealed record RawRequest(int Connection, byte[] Head, byte[] Body)
{
    public string HeadText => System.Text.Encoding.Latin1.GetString(Head);
}

/// <summary>A TLS socket in the gateway's place that records what arrives and never interprets more than it must.</summary>
public abstract class RawGateway : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly SslServerAuthenticationOptions _tls;
    private readonly Task _accepting;
    private int _connections;

    protected RawGateway(TestCertificates certificates, SslApplicationProtocol protocol)
    {
        _tls = new SslServerAuthenticationOptions
        {
            ServerCertificate = certificates.Server,
            ApplicationProtocols = [protocol],
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            EnabledSslProtocols = SslProtocols.Tls13,
        };
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Url => new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/.well-known/ohttp-gateway");

    public ConcurrentQueue<RawRequest> Requests { get; } = new();

    /// <summary>Sealed requests alone, without the mirror's fetches.</summary>
    public IEnumerable<RawRequest> Posts => Requests.Where(request => request.Body.Length > 0);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract Task ServeAsync(Stream stream, int connection, CancellationToken cancellationToken);

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _ = ConnectionAsync(client, Interlocked.Increment(ref _connections));
        }
    }

    private async Task ConnectionAsync(TcpClient client, int connection)
    {
        try
        {
            using TcpClient owned = client;
            await using var stream = new SslStream(client.GetStream());
            await stream.AuthenticateAsServerAsync(_tls, _stop.Token);
            await ServeAsync(stream, connection, _stop.Token);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or AuthenticationException or EndOfStreamException)
        {
            // The relay closed the connection, or the test is over.
        }
    }
}
