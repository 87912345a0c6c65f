using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Veil.ClientSdk;

/// <summary>
/// Connections to relay and issuer that say nothing of their own: no proxy, cookie, redirect, decompression, user agent or trace context.
/// Every request is built by the caller from empty.
/// </summary>
internal sealed class OuterHttp : IDisposable
{
    private readonly HttpMessageInvoker _invoker;

    public OuterHttp(VeilOptions options)
    {
        TrustedRoots = options.TrustedRootsFile is { } file ? LoadRoots(file) : null;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = options.ConnectTimeout,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = TrustedRoots is null ? null : ChainPolicy(TrustedRoots) },
        };
        if (options.LocalAddress is { } local)
        {
            handler.ConnectCallback = (context, cancellationToken) => ConnectFrom(local, context.DnsEndPoint, cancellationToken);
        }

        _invoker = new HttpMessageInvoker(handler);
    }

    /// <summary>The roots of the options; null for the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; }

    /// <summary>Sends, and returns when the head of the answer is here. HTTP/2 where the server has it.</summary>
    /// <exception cref="VeilException"><see cref="VeilFailure.Unreachable"/> at <paramref name="hop"/>.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Hop hop, CancellationToken cancellationToken)
    {
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        try
        {
            return await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException failure) when (failure is not VeilException)
        {
            throw (failure.InnerException as VeilException)
                ?? new VeilException(VeilFailure.Unreachable, hop, $"{request.RequestUri!.Authority} gave no answer ({failure.HttpRequestError}).", failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VeilException(VeilFailure.Unreachable, hop, $"{request.RequestUri!.Authority} gave no connection in time.", failure);
        }
    }

    /// <summary>GET of one document, read whole.</summary>
    public async Task<byte[]> GetAsync(Uri uri, string mediaType, Hop hop, int limit, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.TryAddWithoutValidation("Accept", mediaType);
            using HttpResponseMessage answer = await SendAsync(request, hop, deadline.Token).ConfigureAwait(false);
            OuterAnswer.Require(answer, mediaType, hop);
            return await OuterAnswer.ReadAsync(answer, hop, limit, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VeilException(VeilFailure.Unreachable, hop, $"{uri.Authority} did not answer within {timeout.TotalSeconds:0} s.", failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    private static X509Certificate2Collection LoadRoots(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        return roots;
    }

    private static X509ChainPolicy ChainPolicy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    private static async ValueTask<Stream> ConnectFrom(IPAddress local, DnsEndPoint remote, CancellationToken cancellationToken)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(local, 0));
            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
