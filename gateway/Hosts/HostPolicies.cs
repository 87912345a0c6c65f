using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Hosts;

/// <summary>The policy of every service: that of its file, and where there is none, that of the short settings.</summary>
internal sealed class HostPolicies
{
    private readonly Dictionary<string, HostPolicy> _policies;

    /// <exception cref="StartupException">A file was changed since the settings were looked at, and is no policy now.</exception>
    public HostPolicies(IOptions<GatewayOptions> gateway, IOptions<HostsOptions> hosts)
    {
        AttestationOptions attestation = hosts.Value.Attestation;
        Dictionary<string, HostPolicy> files = attestation.PolicyFiles.Select(Read).ToDictionary(policy => policy.Own.Service, StringComparer.Ordinal);
        _policies = gateway.Value.Services.Select(service => service.Authority)
            .ToDictionary(service => service, service => files.GetValueOrDefault(service) ?? new(attestation.PolicyFor(service), attestation.PublishedPolicyFor(service)), StringComparer.Ordinal);
    }

    /// <summary>The policy of a configured service.</summary>
    public HostPolicy Of(string service) => _policies[service];

    private static HostPolicy Read(string file) => HostPolicy.TryRead(file, out HostPolicy? policy, out IReadOnlyList<string> problems)
        ? policy
        : throw new StartupException($"{file} (Hosts:Attestation:PolicyFiles): {string.Join("; ", problems)}");
}
