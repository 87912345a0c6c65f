using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>TLS from the PEM files of <see cref="ServerOptions"/>; renewed files are taken up without a restart.</summary>
internal sealed class PemServerTls : IServerTls
{
    /// <summary>How often a handshake looks at the files' times.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly ClientCertificateCheck? _clients;
    private readonly TimeProvider _clock;
    private readonly Lock _reload = new();
    private volatile SslServerAuthenticationOptions _current;
    private DateTime _written;
    private long _lookAgain;

    public PemServerTls(IOptions<ServerOptions> options, TimeProvider clock, IEnumerable<ClientCertificateCheck> clients)
    {
        _certificateFile = options.Value.CertificateFile!;
        _keyFile = options.Value.KeyFile!;
        _clients = clients.LastOrDefault();
        _clock = clock;
        _written = Written();
        _current = Load();
        _lookAgain = clock.GetTimestamp();
    }

    public SslServerAuthenticationOptions ForConnection()
    {
        if (_clock.GetElapsedTime(Volatile.Read(ref _lookAgain)) >= LookEvery && _reload.TryEnter())
        {
            try
            {
                Volatile.Write(ref _lookAgain, _clock.GetTimestamp());
                if (Written() is var written && written != _written)
                {
                    _current = Load();
                    _written = written;
                }
            }
            catch (StartupException)
            {
                // A renewal caught halfway, certificate and key not yet a pair: the old certificate serves until the next look.
            }
            finally
            {
                _reload.Exit();
            }
        }
        return _current;
    }

    private DateTime Written() => new(Math.Max(File.GetLastWriteTimeUtc(_certificateFile).Ticks, File.GetLastWriteTimeUtc(_keyFile).Ticks), DateTimeKind.Utc);

    private SslServerAuthenticationOptions Load() => new()
    {
        ServerCertificateContext = PemCertificate.Load(_certificateFile, _keyFile),
        ClientCertificateRequired = _clients is not null,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = _clients is null ? null : (_, certificate, _, _) => certificate switch
        {
            null => true,
            X509Certificate2 presented => _clients.IsAccepted(presented),
            _ => false,
        },
    };
}
