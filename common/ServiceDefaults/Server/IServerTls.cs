using System.Net.Security;

namespace Veil.ServiceDefaults;

/// <summary>
/// Supplies the TLS settings of each new public connection. The default reads the PEM files of <see cref="ServerOptions"/>; a service that
/// makes its certificate itself registers its own with <see cref="ServerTlsRegistration.AddServerTls{TServerTls}"/>.
/// </summary>
public interface IServerTls
{
    /// <summary>
    /// Settings for a connection that starts now. Called once per handshake: return a shared instance with a
    /// <see cref="SslServerAuthenticationOptions.ServerCertificateContext"/> for as long as it is valid. ALPN is filled in when left null.
    /// </summary>
    SslServerAuthenticationOptions ForConnection();
}
