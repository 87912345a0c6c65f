using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;

namespace Veil.ServiceDefaults;

/// <summary>What a service may change about the TLS of its public listener.</summary>
public static class ServerTlsRegistration
{
    /// <summary>The service makes its certificate itself; <see cref="ServerOptions.CertificateFile"/> is then not required and not read.</summary>
    public static IServiceCollection AddServerTls<TServerTls>(this IServiceCollection services)
        where TServerTls : class, IServerTls =>
        services.AddSingleton<IServerTls, TServerTls>().AddSingleton(new OwnServerTls());

    /// <summary>
    /// Asks every client for a certificate. A client without one may still connect (its endpoints decide with
    /// <c>HttpContext.Connection.ClientCertificate</c>); one whose certificate is not accepted fails the handshake.
    /// </summary>
    /// <param name="services">The service's registrations.</param>
    /// <param name="isAccepted">Whether a presented certificate passes. No chain is built: pins are compared. Must not block.</param>
    public static IServiceCollection AddClientCertificates(
        this IServiceCollection services, Func<IServiceProvider, Func<X509Certificate2, bool>> isAccepted) =>
        services.AddSingleton(provider => new ClientCertificateCheck(isAccepted(provider)));
}

/// <summary>Says that the service makes its own certificate.</summary>
internal sealed record OwnServerTls;

/// <summary>Says which client certificates pass.</summary>
internal sealed record ClientCertificateCheck(Func<X509Certificate2, bool> IsAccepted);
