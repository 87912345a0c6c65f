using System.Net.Security;
using Microsoft.Extensions.Options;
using Veil.Attestation;
using Veil.Gateway.Services;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Hosts;

/// <summary>The pool of every service, and the work that keeps their hosts verified.</summary>
internal sealed class HostPools : BackgroundService
{
    private readonly Dictionary<string, HostPool> _pools = new(StringComparer.Ordinal);

    public HostPools(IOptions<GatewayOptions> gateway, IOptions<HostsOptions> options, HostPolicies policies, HostGate gate, TimeProvider time, ILogger<HostLink> logger)
    {
        SslStreamCertificateContext? ownCertificate = options.Value.Tls.ToAuthenticationOptions().ClientCertificateContext;
        var known = new VerifiedSignatures();
        foreach (ServiceOptions service in gateway.Value.Services)
        {
            AppraisalPolicy policy = policies.Of(service.Authority).Own;
            HostLink[] links = [.. service.Hosts.Select(host => new HostLink(host.Url!, policy, known, options.Value, ownCertificate, time, logger))];
            _pools.Add(service.Authority, new HostPool(links, gate, options.Value.WaitForHost, time));
        }
    }

    /// <summary>The pool of a configured service.</summary>
    public HostPool Of(string authority) => _pools[authority];

    /// <summary>True when every service has a verified host.</summary>
    public bool AllServed => _pools.Values.All(pool => pool.Healthy().Length > 0);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        _pools.Values.SelectMany(pool => pool.Links.Select(link => link.KeepAsync(pool.NotifyChanged, stoppingToken))));
}
