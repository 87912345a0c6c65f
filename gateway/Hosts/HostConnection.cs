using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Hosts;

/// <summary>
/// HTTP/2 to one verified host. The first handshake appraises the host; a further connection that the pool may open must show the very key that
/// was appraised, so nothing is ever sent to anything else. It is used by many requests at once and by none after it was retired, lost or has expired.
/// </summary>
internal sealed class HostConnection : IDisposable
{
    /// <summary>An authority that no service has (RFC 6761): the host agent refuses it by itself, and the workload sees nothing of the question.</summary>
    private const string NoService = "veil.invalid";

    private readonly HttpMessageInvoker _invoker;
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly Handshake _handshake;
    private int _users = 1;
    private volatile bool _retired;

    private HostConnection(Uri url, HttpMessageInvoker invoker, Handshake handshake, TimeProvider time)
    {
        Url = url;
        _invoker = invoker;
        _handshake = handshake;
        _time = time;
        handshake.Connection = this;
    }

    /// <summary>Where the host listens.</summary>
    public Uri Url { get; }

    /// <summary>The proof that this is a genuine host of the service.</summary>
    public AppraisedHost Host => _handshake.Appraised!;

    /// <summary>Completes when the connection breaks, or is given up.</summary>
    public Task Lost => _lost.Task;

    /// <summary>True while requests may be sent on it.</summary>
    public bool IsUsable => !_retired && !_lost.Task.IsCompleted && _time.GetUtcNow() < Host.Expires;

    /// <summary>Connects and appraises. What is sent is a question that the host agent itself answers, whatever it says.</summary>
    /// <returns>The connection, or why there is none.</returns>
    public static async Task<(HostConnection? Connection, HostFailure? Failure)> OpenAsync(
        Uri url, AppraisalPolicy policy, VerifiedSignatures known, HostsOptions options, SslStreamCertificateContext? ownCertificate, TimeProvider time, CancellationToken cancellationToken)
    {
        var handshake = new Handshake(policy, known, time);
        SocketsHttpHandler handler = OutboundHandler.Create(
            new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                AllowTlsResume = false,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                ClientCertificateContext = ownCertificate,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => handshake.Accepts(certificate),
            },
            options.LocalAddress,
            Timeout.InfiniteTimeSpan);
        handler.PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan;
        handler.ConnectTimeout = options.ConnectTimeout;
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
        handler.PlaintextStreamFilter = (context, _) => new(new WatchedStream(context.PlaintextStream, handshake.OnClosed));

        var connection = new HostConnection(url, new HttpMessageInvoker(handler), handshake, time);
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, url) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            question.Headers.Host = NoService;
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(options.ConnectTimeout);
            using HttpResponseMessage answer = await connection._invoker.SendAsync(question, deadline.Token);
            return (connection, null);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever a host does to a handshake: it is tried again, and no other host suffers for it.
            connection.Retire();
            return (null, new HostFailure(handshake.Refused, failure.GetType().Name));
        }
    }

    /// <summary>Holds the connection for one request; false when it may not be used any more. Pair with <see cref="Release"/>.</summary>
    public bool TryHold()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0 && IsUsable)
        {
            int before = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (before == users)
                return true;
            users = before;
        }

        return false;
    }

    /// <summary>Gives the hold back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) is 0)
            _invoker.Dispose();
    }

    /// <summary>A request could not be sent on it, as while the host drains: no other is to try, and the host is looked at anew. Those that are on their way end there.</summary>
    public void GiveUp() => _lost.TrySetResult();

    /// <summary>Takes no more requests; closes when the last one is done.</summary>
    public void Retire()
    {
        if (_retired)
            return;
        _retired = true;
        Release();
    }

    /// <summary>Sends a request on a connection that the caller holds; the answer's head is what it waits for.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _invoker.SendAsync(request, cancellationToken);

    public void Dispose() => Retire();

    /// <summary>What the TLS handshakes of one connection share.</summary>
    private sealed class Handshake(AppraisalPolicy policy, VerifiedSignatures known, TimeProvider time)
    {
        private readonly Lock _lock = new();

        public HostConnection? Connection { get; set; }

        public AppraisedHost? Appraised { get; private set; }

        public Verdict? Refused { get; private set; }

        public bool Accepts(X509Certificate? certificate)
        {
            if (certificate is not X509Certificate2 leaf)
                return false;

            lock (_lock)
            {
                if (Appraised is not null)
                    return CryptographicOperations.FixedTimeEquals(SHA256.HashData(leaf.PublicKey.ExportSubjectPublicKeyInfo()), Appraised.Claims.TlsSpkiSha256.Span);

                if (RatlsAppraisal.TryAppraise(leaf.RawDataMemory, policy, new AppraisalContext { Now = time.GetUtcNow(), Known = known }, out AppraisedHost? host, out Verdict verdict))
                    Appraised = host;
                else
                    Refused = verdict;
                return host is not null;
            }
        }

        public void OnClosed() => Connection?._lost.TrySetResult();
    }
}
